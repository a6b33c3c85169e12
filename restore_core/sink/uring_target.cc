// SPDX-License-Identifier: MIT
#include "restore_core/sink/uring_target.h"

#include <set>

#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

constexpr std::string_view kUringExample = "uring:disk.raw,direct=on,depth=16";

Result<void> set_key(UringSettings& settings, std::string_view key, std::string_view value) {
  if (key == "depth") {
    DF_ASSIGN(const std::uint64_t depth, parse_count("depth", value, 1, 256));
    settings.depth = static_cast<int>(depth);
    return {};
  }
  if (key != "direct")
    return fail(ErrorKind::bad_input, "unknown key '{}' (a path with a comma cannot be given here)", key);
  if (value == "on") {
    settings.direct = UringSettings::Direct::on;
  } else if (value == "off") {
    settings.direct = UringSettings::Direct::off;
  } else if (value != "auto") {
    return fail(ErrorKind::bad_input, "direct is '{}', not on, off or auto", value);
  }
  return {};
}

Result<UringSettings> parse(std::string_view text) {
  UringSettings settings;
  const std::size_t path_end = text.find(',');
  settings.path = text.substr(0, path_end);
  if (settings.path.empty() || settings.path == "null")
    return fail(ErrorKind::bad_input, "the path is '{}'; name a file or a block device", settings.path);
  std::set<std::string_view> seen;
  for (std::size_t comma = path_end; comma != std::string_view::npos;) {
    text.remove_prefix(comma + 1);
    comma = text.find(',');
    const std::string_view pair = text.substr(0, comma);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return fail(ErrorKind::bad_input, "'{}' is not KEY=VALUE", pair);
    const std::string_view key = pair.substr(0, equals);
    if (!seen.insert(key).second) return fail(ErrorKind::bad_input, "{} is given twice", key);
    DF_TRY(set_key(settings, key, pair.substr(equals + 1)));
  }
  return settings;
}

}  // namespace

Result<UringSettings> parse_uring_target(std::string_view text) {
  if (!text.starts_with(kUringPrefix))
    return fail(ErrorKind::bad_input, "'{}' is no io_uring target; write {}", text, kUringExample);
  auto settings = parse(text.substr(kUringPrefix.size()));
  if (!settings) return pass_on(settings.error(), fmt::format("target '{}' (write {})", text, kUringExample));
  return settings;
}

}  // namespace depthfinder
