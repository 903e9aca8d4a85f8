-- Steers a slice's requests by what holds at this moment, right before they leave. The agent says
-- it in one line a slice, in a file that it replaces whole (standing.py):
--
--   OWNER HOLD PASSED YOUNG OLD VERSION     `-` where there is nothing to say
--
-- A write goes to its owner, or waits here as long as it is held. A read goes by its share, unless
-- its user has written what the new side may not have yet. Whoever has written is marked by a file
-- of his own, so that every worker knows it; marks lie in the young or in the old generation.
local UNKNOWN_HOLD = 5
-- Milliseconds between two looks of one request, and looks a second of one worker, at most.
local LOOK, LOOKS = 3, 4000
-- Milliseconds in which whoever has read the line of before may still act by it.
local MARGIN = 200
-- Milliseconds by which another edge's clock may be off.
local SKEW = 1000
local OWNER = "x-matapalo-owner"
local WROTE = "matapalo-wrote"
local SPACE = "matapalo.slice"

local function standing(slice)
  local file = io.open(FOLDER .. "/slices/" .. slice)
  if file == nil then return nil end
  local line = file:read("*l") or ""
  file:close()
  local owner, hold, passed, young, old = line:match("^(%l+) (%S+) (%S+) (%S+) (%S+) %d+$")
  if owner ~= "monolith" and owner ~= "new" then return nil end
  return {
    owner = owner,
    hold = tonumber(hold),
    passed = tonumber(passed),
    young = tonumber(young),
    old = tonumber(old),
  }
end

local function cookie(headers, pattern)
  local cookies = headers:get("cookie")
  return cookies and (";" .. cookies):match(";%s*" .. pattern .. "=([^;]+)")
end

-- Users whose names come to the same are marked together, and that costs them nothing but a detour.
local function short(name)
  local one, two = 5381, 0
  for at = 1, #name do
    local byte = name:byte(at)
    one = bit.tobit(one * 31 + byte)
    two = bit.tobit(two * 65599 + byte)
  end
  return bit.tohex(one) .. bit.tohex(two)
end

local function user_of(headers)
  for _, header in ipairs(USER_HEADERS) do
    local name = headers:get(header)
    if name then return short(name) end
  end
  local name = cookie(headers, USER_COOKIE)
  return name and short(name)
end

local function place_of_mark(slice, generation, user)
  return FOLDER .. "/wrote/" .. slice .. "/" .. string.format("%.0f", generation) .. "/" .. user
end

-- Waiting is a call that the clock answers late: no worker is blocked, and no agent is needed.
local slot = 0
local function pause(handle)
  local now = handle:timestamp()
  slot = math.max(slot, now) + 1000 / LOOKS
  local headers = handle:httpCall("clock", {
    [":method"] = "GET",
    [":path"] = "/",
    [":authority"] = "clock",
    ["x-envoy-fault-delay-request"] = string.format("%d", math.max(LOOK, slot - now)),
  }, nil, { timeout_ms = 60000, send_xff = false })
  return headers[":status"] == "200"
end

local function unavailable(handle)
  handle:respond({ [":status"] = "503" }, "writes are held for longer than they may wait")
end

local function owner_of_writes(handle, slice)
  local began = handle:timestamp()
  local now = standing(slice)
  while now == nil or now.hold do
    local longest = now and now.hold or UNKNOWN_HOLD
    if handle:timestamp() - began >= longest * 1000 or not pause(handle) then return nil end
    now = standing(slice)
  end
  return now.owner
end

local function steer(handle, owner)
  handle:headers():replace(OWNER, owner)
  handle:clearRouteCache()
end

local function write(handle, slice)
  local owner = owner_of_writes(handle, slice)
  if owner == nil then return unavailable(handle) end
  local headers = handle:headers()
  local metadata = handle:streamInfo():dynamicMetadata()
  metadata:set(SPACE, "slice", slice)
  metadata:set(SPACE, "user", user_of(headers) or "")
  metadata:set(SPACE, "https", headers:get("x-forwarded-proto") == "https")
  steer(handle, owner)
end

local function marked_in(slice, generation, user, passed)
  local file = io.open(place_of_mark(slice, generation, user))
  if file == nil then return false end
  local at = tonumber(file:read("*l"))
  file:close()
  -- An empty one is being written now.
  return passed == nil or at == nil or at >= passed
end

local function marked_by_cookie(headers, passed)
  local at, edge = (cookie(headers, WROTE_PATTERN) or ""):match("^(%d+)%.(%x+)$")
  if at == nil then return false end
  return passed == nil or tonumber(at) + (edge == EDGE and 0 or SKEW) >= passed
end

local function may_have_written(handle, slice, now)
  local passed = now.passed
  local behind = passed == nil or passed < now.young + MARGIN
  -- What was before the first generation is not known.
  if behind and now.old == nil then return true end
  local headers = handle:headers()
  local user = user_of(headers)
  if user then
    if marked_in(slice, now.young, user, passed) then return true end
    if behind and marked_in(slice, now.old, user, passed) then return true end
  end
  return marked_by_cookie(headers, passed)
end

local function read(handle, slice)
  local now = standing(slice)
  if now and now.owner == "new" then
    steer(handle, "new")
  elseif now == nil or now.young == nil or may_have_written(handle, slice, now) then
    steer(handle, "monolith")
  end
end

function envoy_on_request(handle)
  local context = handle:filterContext()
  local slice = context:get("slice")
  if context:get("safe") then read(handle, slice) else write(handle, slice) end
end

local function mark(slice, user, at)
  local now = standing(slice)
  if now == nil or now.owner ~= "monolith" or now.young == nil then return nil end
  at = string.format("%.0f", math.max(at, now.passed or 0))
  if user == "" then return at end
  local file = io.open(place_of_mark(slice, now.young, user), "w")
  if file == nil then return nil, at end
  file:write(at)
  file:close()
  return at
end

function envoy_on_response(handle)
  local about = handle:streamInfo():dynamicMetadata():get(SPACE)
  if about == nil then return end
  -- Taken before the line is read: a mark is never younger than its generation lasts.
  local now = handle:timestamp()
  local at, unmarked = mark(about["slice"], about["user"], now)
  -- The generation may have been let go in between; the next one is there.
  if unmarked then at, unmarked = mark(about["slice"], about["user"], now) end
  if unmarked then handle:logErr("a user who has written cannot be marked") end
  at = at or unmarked
  if at == nil then return end
  local value = WROTE .. "=" .. at .. "." .. EDGE .. "; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax"
  handle:headers():add("set-cookie", value .. (about["https"] and "; Secure" or ""))
end
