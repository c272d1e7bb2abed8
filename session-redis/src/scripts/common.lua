-- In front of every script. A value is kind (1 byte), version (16), deadline (8, big-endian milliseconds), payload.
-- `now` and deadlines are passed as those 8 bytes: a number of Lua's holds 53 bits, and its `<` on strings goes by the locale.

local DONE, GONE, CONFLICT, UNREADABLE = 1, 0, 2, 3

local function later(a, b)
  local a_high, a_low = struct.unpack('>I4I4', a)
  local b_high, b_low = struct.unpack('>I4I4', b)
  return a_high > b_high or (a_high == b_high and a_low > b_low)
end

-- What stands in the way of a write that has seen a version; nil if nothing does. `seen` may be '', any; `new` may be '', none.
local function obstacle(key, seen, new, now)
  local head = redis.call('GETRANGE', key, 0, 24)
  if head == '' then return GONE end
  local kind, version = head:sub(1, 1), head:sub(2, 17)
  if #head < 25 or (kind ~= 'L' and kind ~= 'R') then return UNREADABLE end
  if not later(head:sub(18, 25), now) then return GONE end
  if version == new then return DONE end
  if kind == 'R' then return redis.call('GET', key) end
  if seen ~= '' and version ~= seen then return CONFLICT end
  return nil
end

