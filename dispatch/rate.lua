-- The bucket that all senders share: rate.Bucket's arithmetic, in Redis, by Redis's own clock.
-- KEYS[1] the bucket; KEYS[2] a message's ramp, or "".
-- ARGV: "take", n, rate (messages a second), tolerance_s, ramp_s, now; or "slow", for_s, now.
-- now: seconds, or "" for the server's clock (tests give it). Returns seconds to wait, as text.
local function clock(given)
    if given ~= '' then return tonumber(given) end
    local time = redis.call('TIME')
    return tonumber(time[1]) + tonumber(time[2]) / 1e6
end

-- Constants as in rate.py: RECOVERY_S, CUT_EVERY_S, SLOWEST; and how long what is unused is kept.
local RECOVERY_S, CUT_EVERY_S, SLOWEST, RAMP_FROM_S, KEEP_S = 60, 5, 1 / 16, 3, 86400

local stored = redis.call('HMGET', KEYS[1], 'tat', 'factor', 'slow_until', 'cut_at')
local tat, factor = tonumber(stored[1] or 0), tonumber(stored[2] or 1)
local slow_until, cut_at = tonumber(stored[3] or 0), tonumber(stored[4] or 0)

local function speed(now)
    if now < slow_until then return factor end
    return math.min(1, factor + (now - slow_until) / RECOVERY_S)
end

local function number(value) return string.format('%.6f', value) end

local function keep(key, ...)
    redis.call('HSET', key, ...)
    redis.call('EXPIRE', key, KEEP_S)
end

if ARGV[1] == 'slow' then
    local now = clock(ARGV[3])
    if now - cut_at >= CUT_EVERY_S then
        factor, cut_at = math.max(speed(now) / 2, SLOWEST), now
    end
    slow_until = math.max(slow_until, now + tonumber(ARGV[2]))
    keep(KEYS[1], 'factor', number(factor), 'slow_until', number(slow_until),
        'cut_at', number(cut_at))
    return '0'
end

local n, rate, tolerance = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ramp_s, now = tonumber(ARGV[5]), clock(ARGV[6])
rate = rate * speed(now)
local wait = tat - now - tolerance
local ramp_tat, begun
if ramp_s > 0 then
    local ramp = redis.call('HMGET', KEYS[2], 'begun', 'tat')
    begun, ramp_tat = tonumber(ramp[1] or now), tonumber(ramp[2] or 0)
    wait = math.max(wait, ramp_tat - now - tolerance)
end
if wait > 0 then return number(wait) end
keep(KEYS[1], 'tat', number(math.max(tat, now) + n / rate))
if ramp_s > 0 then
    local share = math.min(1, math.max(now - begun, RAMP_FROM_S) / ramp_s)
    keep(KEYS[2], 'begun', number(begun),
        'tat', number(math.max(ramp_tat, now) + n / (rate * share)))
end
return '0'
