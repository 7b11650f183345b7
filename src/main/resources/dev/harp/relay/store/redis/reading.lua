-- What scripts that only read have in common. It follows keys.lua.

-- A record as it is stored; of one that is not stored nothing but false.
local function fields(key)
    return redis.call('HMGET', P .. key, 'v', 'd', 'o', 'u', 'h')
end

-- A page of the list of a device or a pairing: whether the page reaches the end of the list, the list's state (the last
-- position, the floor, four leaps), and then of each entry its position, its name, its record, and that of its pairing,
-- which is false if an earlier entry has it.
local function page(list, after, limit, most)
    local state = redis.call('HMGET', P .. 'i:' .. list, 'pos', 'floor', 'leap1', 'leap2', 'leap3', 'leap4')
    local found = redis.call('ZRANGEBYSCORE', P .. 'c:' .. list,
        '(' .. after, '+inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
    local answer = { '1', state[1] or '0', state[2] or '0' }
    for i = 3, 6 do answer[#answer + 1] = state[i] or '' end
    local size, known = 0, {}
    for i = 1, #found, 2 do
        if i > 2 * limit then
            answer[1] = '0'
            break
        end
        local pair = string.match(found[i], '^[^:]*')
        local request, pairing = fields('r:' .. found[i]), not known[pair] and fields('p:' .. pair)
        size = size + #(request[2] or '') + (pairing and #(pairing[2] or '') or 0)
        -- At least one record, so that a reader makes progress.
        if i > 1 and size > most then
            answer[1] = '0'
            break
        end
        known[pair] = true
        for _, part in ipairs({ found[i + 1], found[i], request, pairing }) do answer[#answer + 1] = part end
    end
    return answer
end
