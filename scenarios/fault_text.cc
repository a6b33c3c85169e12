// SPDX-License-Identifier: MIT
#include "scenarios/fault_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "scenarios/exact_units.h"
#include "scenarios/json_reader.h"
#include "scenarios/server_spec_loader.h"

namespace depthfinder {
namespace {

using nlohmann::json;
using Range = FaultSpec::Range;

constexpr std::array<std::pair<FaultKind, std::string_view>, 13> kKinds = {{
    {FaultKind::status, "status"},
    {FaultKind::connection_reset, "reset"},
    {FaultKind::stream_reset, "stream-reset"},
    {FaultKind::goaway, "goaway"},
    {FaultKind::stall, "stall"},
    {FaultKind::drip, "drip"},
    {FaultKind::truncate, "truncate"},
    {FaultKind::flip_payload, "flip-payload"},
    {FaultKind::flip_crc, "flip-crc"},
    {FaultKind::wrong_chunk, "wrong-chunk"},
    {FaultKind::missing, "missing"},
    {FaultKind::expired_ticket, "expired-ticket"},
    {FaultKind::tls_alert, "tls-alert"},
}};

// The key that only this kind has; the others have none.
struct OwnKey {
  FaultKind kind;
  const char* key;
};
constexpr OwnKey kOwnKeys[] = {
    {FaultKind::status, "status"}, {FaultKind::stall, "for"}, {FaultKind::drip, "rate"}};
constexpr std::pair<FaultOn, std::string_view> kOn[] = {
    {FaultOn::chunk, "chunk"}, {FaultOn::index, "index"}, {FaultOn::manifest, "manifest"}};
constexpr const char* kConditions[] = {"share", "digest", "request", "position", "after", "until", "times"};

Result<FaultKind> parse_kind(const JsonReader& reader) {
  const auto name = reader.at("kind").get<std::string>();
  for (const auto& [kind, kind_name] : kKinds)
    if (kind_name == name) return kind;
  return reader.refuse("kind", "there is no fault '{}'", name);
}

// What the fault does.
Result<void> read_effect(const JsonReader& reader, FaultSpec& fault) {
  for (const auto& [kind, key] : kOwnKeys)
    if (reader.has(key) && kind != fault.kind)
      return reader.refuse(key, "only a fault of kind '{}' has it, not '{}'", fault_kind_name(kind),
                           fault_kind_name(fault.kind));
  reader.value("status", fault.status);
  DF_TRY(reader.duration("for", fault.duration));
  DF_TRY(reader.rate("rate", fault.rate_bytes_per_s));
  if (fault.kind == FaultKind::stall && fault.duration.count() == 0)
    return reader.refuse("for", "a stall needs how long it lasts, such as 2s");
  if (fault.kind == FaultKind::drip && fault.rate_bytes_per_s == 0)
    return reader.refuse("rate", "a drip needs its rate, such as 100kB/s");
  return {};
}

// Other files than chunks are asked for too; what only a chunk has is refused with them.
Result<void> read_on(const JsonReader& reader, FaultSpec& fault) {
  if (!reader.has("on")) return {};
  const auto name = reader.at("on").get<std::string>();
  const auto* found =
      std::find_if(std::begin(kOn), std::end(kOn), [&](const auto& pair) { return pair.second == name; });
  if (found == std::end(kOn)) return reader.refuse("on", "'{}' is not chunk, index or manifest", name);
  fault.on = found->first;
  if (fault.on == FaultOn::chunk) return {};
  for (const char* key : {"digest", "position"})
    if (reader.has(key)) return reader.refuse(key, "only a chunk has one, not the {}", name);
  if (fault.kind == FaultKind::wrong_chunk)
    return reader.refuse("on", "a fault of kind 'wrong-chunk' is for chunks, not for the {}", name);
  return {};
}

std::string_view on_text(FaultOn on) {
  const auto* found =
      std::find_if(std::begin(kOn), std::end(kOn), [on](const auto& pair) { return pair.first == on; });
  return found->second;
}

Result<void> read_digest(const JsonReader& reader, std::string& digest) {
  if (!reader.has("digest")) return {};
  digest = reader.at("digest").get<std::string>();
  for (char& letter : digest)
    if (letter >= 'A' && letter <= 'F') letter = static_cast<char>(letter - 'A' + 'a');
  if (digest.empty() || digest.size() > 64 ||
      digest.find_first_not_of("0123456789abcdef") != std::string::npos)
    return reader.refuse("digest", "'{}' is not how a digest begins; write 1 to 64 hex digits", digest);
  return {};
}

Result<std::uint64_t> parse_place(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size())
    return fail(ErrorKind::bad_input, "'{}' is no whole number", text);
  return value;
}

// "10" or "10-20".
Result<void> read_range(const JsonReader& reader, const char* key, std::uint64_t lowest,
                        std::optional<Range>& range) {
  if (!reader.has(key)) return {};
  const auto text = reader.at(key).get<std::string>();
  const std::size_t dash = text.find('-');
  const auto first = parse_place(std::string_view(text).substr(0, dash));
  const auto last = dash == std::string::npos ? first : parse_place(std::string_view(text).substr(dash + 1));
  if (!first || !last || *first < lowest || *last < *first)
    return reader.refuse(
        key, "'{}' is no range; write a number from {} on, or two with '-' between, such as 10-20", text,
        lowest);
  range = Range{*first, *last};
  return {};
}

// Which requests it meets.
Result<void> read_conditions(const JsonReader& reader, FaultSpec& fault) {
  reader.value("share", fault.share);
  DF_TRY(read_digest(reader, fault.digest));
  DF_TRY(read_range(reader, "request", 1, fault.requests));
  DF_TRY(read_range(reader, "position", 0, fault.positions));
  DF_TRY(reader.duration("after", fault.after));
  if (reader.has("until")) DF_TRY(reader.duration("until", fault.until.emplace()));
  if (fault.until && *fault.until <= fault.after) return reader.refuse("until", "must be later than 'after'");
  if (reader.has("times")) fault.times = reader.at("times").get<std::uint64_t>();
  return {};
}

bool has_condition(const FaultSpec& fault) {
  return fault.share != 1 || !fault.digest.empty() || fault.requests || fault.positions ||
         fault.after.count() > 0 || fault.until || fault.times;
}

std::string range_text(const Range& range) {
  return range.first == range.second ? fmt::format("{}", range.first)
                                     : fmt::format("{}-{}", range.first, range.second);
}

}  // namespace

std::string_view fault_kind_name(FaultKind kind) {
  const auto* entry =
      std::find_if(kKinds.begin(), kKinds.end(), [kind](const auto& pair) { return pair.first == kind; });
  return entry->second;
}

Result<FaultSpec> parse_fault(const json& object, const std::string& place) {
  const JsonReader reader(object, place);
  if (std::none_of(std::begin(kConditions), std::end(kConditions),
                   [&](const char* key) { return reader.has(key); }))
    return fail(ErrorKind::bad_input,
                "{}: needs a condition: share, digest, request, position, after, until or times (share 1 "
                "means every request)",
                place);
  FaultSpec fault;
  DF_ASSIGN(fault.kind, parse_kind(reader));
  DF_TRY(read_effect(reader, fault));
  DF_TRY(read_on(reader, fault));
  DF_TRY(read_conditions(reader, fault));
  return fault;
}

nlohmann::ordered_json fault_json(const FaultSpec& fault) {
  nlohmann::ordered_json object = {{"kind", fault_kind_name(fault.kind)}};
  if (fault.kind == FaultKind::status) object["status"] = fault.status;
  if (fault.kind == FaultKind::stall) object["for"] = exact_duration(fault.duration);
  if (fault.kind == FaultKind::drip) object["rate"] = exact_rate(fault.rate_bytes_per_s);
  if (fault.on != FaultOn::chunk) object["on"] = on_text(fault.on);
  if (fault.share != 1 || !has_condition(fault)) object["share"] = fault.share;
  if (!fault.digest.empty()) object["digest"] = fault.digest;
  if (fault.requests) object["request"] = range_text(*fault.requests);
  if (fault.positions) object["position"] = range_text(*fault.positions);
  if (fault.after.count() > 0) object["after"] = exact_duration(fault.after);
  if (fault.until) object["until"] = exact_duration(*fault.until);
  if (fault.times) object["times"] = *fault.times;
  return object;
}

}  // namespace depthfinder
