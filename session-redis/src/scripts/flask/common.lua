-- In front of every script of the Flask shape. KEYS[1] holds the record as Flask-Session writes it, KEYS[2] the marker of a retired
-- id in this library's own form: kind (1 byte), version (16), deadline (8), the successor's key. The server ends both.
-- A record's version is the first 16 bytes of the SHA-1 of its bytes, here as 32 hexadecimal digits; a marker's lies in it.

local DONE, GONE, CONFLICT = 1, 0, 2

-- What stands in the way of a write that has seen a version; nil if nothing does. `seen` may be '', any; `new` may be '', none.
-- Flask reads an empty value as no session.
local function obstacle(key, retired, seen, new)
  local marker = redis.call('GET', retired)
  if marker then return marker:sub(2, 17) == new and DONE or marker end
  if redis.call('STRLEN', key) == 0 then return GONE end
  if seen == '' then return nil end
  local version = redis.sha1hex(redis.call('GET', key)):sub(1, 32)
  if version == new then return DONE end
  if version ~= seen then return CONFLICT end
  return nil
end

-- Whether a new record may be written.
local function is_free(key, retired)
  return redis.call('EXISTS', retired) == 0 and redis.call('STRLEN', key) == 0
end

