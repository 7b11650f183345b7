-- Takes calls from a rate limit. Returns how far the theoretical arrival time was ahead of the clock before that. The
-- caller applies the same rule to this number and so knows whether the calls were taken.
local key, clock, cost, capacity, spare = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local ahead, now = ahead_of(key, clock)
if cost > 0 and ahead + cost <= capacity then set_ahead(key, ahead + cost, now, spare) end
return ahead
