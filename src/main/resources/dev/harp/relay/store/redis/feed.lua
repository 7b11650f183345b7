-- A page of the list of a device or a pairing. Returns the last position, the floor, whether the page reaches the end
-- of the list, and then position and bytes of each record.
local device, after, limit, most = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local list = redis.call('HMGET', P .. 'i:' .. device, 'pos', 'floor')
local found = redis.call('ZRANGEBYSCORE', P .. 'c:' .. device, '(' .. after, '+inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
local answer = { list[1] or '0', list[2] or '0', '1' }
local size = 0
for i = 1, #found, 2 do
    local data = redis.call('HGET', P .. 'r:' .. found[i], 'd') or ''
    -- At least one record, so that a reader makes progress.
    if i > 2 * limit or (i > 1 and size + #data > most) then
        answer[3] = '0'
        break
    end
    size = size + #data
    answer[#answer + 1] = found[i + 1]
    answer[#answer + 1] = data
end
return answer
