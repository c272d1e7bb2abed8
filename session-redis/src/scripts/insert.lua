-- KEYS: the key. ARGV: now, the value, its milliseconds to live.
-- What has expired by the caller's clock is nothing, though it may still be there by the server's.
local now, value, ttl = unpack(ARGV)
local found = obstacle(KEYS[1], '', '', now)
if found == UNREADABLE then return UNREADABLE end
if found ~= GONE then return CONFLICT end
redis.call('SET', KEYS[1], value, 'PX', ttl)
return DONE
