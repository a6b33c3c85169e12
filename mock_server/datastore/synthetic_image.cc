// SPDX-License-Identifier: MIT
#include "mock_server/datastore/synthetic_image.h"

#include <array>
#include <charconv>
#include <limits>
#include <set>
#include <string>

#include "restore_core/base/units.h"

namespace depthfinder::mock {
namespace {

// Finite and whole: "0.3" is one, "0.3x", "", "nan" and "+1" are none.
Result<double> parse_number(std::string_view key, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool finite = value - value == 0;
  if (error != std::errc() || end != text.data() + text.size() || !finite)
    return fail(ErrorKind::bad_input, "synthetic image: {}={} is not a number (such as 0.3)", key, text);
  return value;
}

Result<void> assign(double& member, std::string_view key, std::string_view text) {
  DF_ASSIGN(member, parse_number(key, text));
  return {};
}

struct Key {
  std::string_view name;
  Result<void> (*set)(SyntheticImage& image, std::string_view value);
};

constexpr std::array kKeys = {
    Key{"size",
        [](SyntheticImage& image, std::string_view value) -> Result<void> {
          DF_ASSIGN(image.size_bytes, parse_byte_count(value));
          return {};
        }},
    Key{"zeros",
        [](SyntheticImage& image, std::string_view value) { return assign(image.zeros, "zeros", value); }},
    Key{"duplicates", [](SyntheticImage& image,
                         std::string_view value) { return assign(image.duplicates, "duplicates", value); }},
    Key{"compress", [](SyntheticImage& image,
                       std::string_view value) { return assign(image.compress, "compress", value); }},
    Key{"seed",
        [](SyntheticImage& image, std::string_view value) -> Result<void> {
          DF_ASSIGN(image.seed, parse_count("seed", value, 0, std::numeric_limits<std::uint64_t>::max()));
          return {};
        }},
};

Result<void> parse_pair(SyntheticImage& image, std::string_view pair, std::set<std::string_view>& seen) {
  const auto equals = pair.find('=');
  if (equals == std::string_view::npos)
    return fail(ErrorKind::bad_input, "synthetic image: '{}' is not KEY=VALUE", pair);
  const std::string_view name = pair.substr(0, equals);
  for (const Key& key : kKeys) {
    if (key.name != name) continue;
    if (!seen.insert(key.name).second)
      return fail(ErrorKind::bad_input, "synthetic image: {} is given twice", name);
    if (auto set = key.set(image, pair.substr(equals + 1)); !set)
      return pass_on(set.error(), "synthetic image");
    return {};
  }
  return fail(ErrorKind::bad_input,
              "synthetic image: unknown key '{}'; known are size, zeros, duplicates, compress, seed", name);
}

bool is_share(double value) { return value >= 0 && value <= 1; }

}  // namespace

Result<void> check_synthetic_image(const SyntheticImage& image) {
  if (image.size_bytes == 0 || image.size_bytes > kSyntheticBytesMax)
    return fail(ErrorKind::bad_input, "synthetic image: size is {} bytes; it must be 1 byte to 16 TiB",
                image.size_bytes);
  if (!is_share(image.zeros))
    return fail(ErrorKind::bad_input, "synthetic image: zeros={} is no share; it must be 0 to 1",
                image.zeros);
  if (!is_share(image.duplicates))
    return fail(ErrorKind::bad_input, "synthetic image: duplicates={} is no share; it must be 0 to 1",
                image.duplicates);
  if (image.zeros == 1 && image.duplicates > 0)
    return fail(ErrorKind::bad_input,
                "synthetic image: zeros=1 leaves no chunk that duplicates={} could repeat; lower one of them",
                image.duplicates);
  if (!(image.compress >= 1 && image.compress <= kSyntheticCompressMax))
    return fail(ErrorKind::bad_input, "synthetic image: compress={} must be 1 (incompressible) to {}",
                image.compress, kSyntheticCompressMax);
  return {};
}

Result<SyntheticImage> parse_synthetic_image(std::string_view text) {
  SyntheticImage image;
  std::set<std::string_view> seen;
  while (!text.empty()) {
    const auto comma = text.find(',');
    DF_TRY(parse_pair(image, text.substr(0, comma), seen));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return fail(ErrorKind::bad_input, "synthetic image: nothing after the last comma");
  }
  DF_TRY(check_synthetic_image(image));
  return image;
}

}  // namespace depthfinder::mock
