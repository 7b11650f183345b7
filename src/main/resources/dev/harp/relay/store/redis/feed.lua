-- A page of the list of a device or a pairing. Returns whether the page reaches the end of the list, the list's state
-- (the last position, the floor, four leaps), and then position and bytes of each record.
local device, after, limit, most = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local list = redis.call('HMGET', P .. 'i:' .. device, 'pos', 'floor', 'leap1', 'leap2', 'leap3', 'leap4')
local found = redis.call('ZRANGEBYSCORE', P .. 'c:' .. device, '(' .. after, '+inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
local answer = { '1', list[1] or '0', list[2] or '0', list[3] or '', list[4] or '', list[5] or '', list[6] or '' }
local size = 0
for i = 1, #found, 2 do
    local data = redis.call('HGET', P .. 'r:' .. found[i], 'd') or ''
    -- At least one record, so that a reader makes progress.
    if i > 2 * limit or (i > 1 and size + #data > most) then
        answer[1] = '0'
        break
    end
    size = size + #data
    answer[#answer + 1] = found[i + 1]
    answer[#answer + 1] = data
end
return answer
