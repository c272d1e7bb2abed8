-- KEYS: the key. ARGV: now, the version seen, the new deadline, its milliseconds to live.
local now, seen, deadline, ttl = unpack(ARGV)
local found = obstacle(KEYS[1], seen, '', now)
if found then return found end
if later(deadline, redis.call('GETRANGE', KEYS[1], 17, 24)) then
  redis.call('SETRANGE', KEYS[1], 17, deadline)
  redis.call('PEXPIRE', KEYS[1], ttl)
end
return DONE
