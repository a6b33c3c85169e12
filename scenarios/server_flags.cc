// SPDX-License-Identifier: MIT
#include "scenarios/server_flags.h"

#include <limits>

#include <nlohmann/json.hpp>

#include "restore_core/base/units.h"
#include "scenarios/key_value_pairs.h"
#include "scenarios/server_schema.h"

namespace depthfinder {
namespace {

using nlohmann::json;
using Form = ServerFlag::Form;

constexpr std::uint64_t kSeedMax = 9007199254740991;  // what JSON carries exactly everywhere

constexpr ServerFlag kFlags[] = {
    {"--latency", "latency", Form::text, "Round trip of every request, such as 20ms"},
    {"--jitter", "jitter", Form::text, "Added to it or taken from it, such as 2ms"},
    {"--connect", "connect", Form::text, "Before a new connection's handshake, such as 50ms"},
    {"--storage", "storage", Form::pairs, "A queue: servers=4,time=lognormal:5ms:0.5,rate=500MB/s"},
    {"--disk", "disk", Form::pairs, "Spinning disks: layout=scattered,disks=6,reads=4,..."},
    {"--cache", "cache", Form::pairs, "hit_share=0.9,time=1ms or size=1GiB,warm=true,time=1ms"},
    {"--request-limit", "request_limit", Form::pairs, "As object stores have: per_second=100,burst=20"},
    {"--first-byte", "first_byte", Form::text, "A wait without a queue, such as uniform:20ms:60ms"},
    {"--load", "load", Form::pairs, "Latency by requests in flight: free=4,per_request=1ms"},
    {"--rate", "rate", Form::text, "Of the link that all connections share, such as 100MB/s"},
    {"--connection-rate", "connection_rate", Form::text, "Of each connection, such as 30MB/s"},
    {"--replay", "replay", Form::text, "The waits of a trace of restore --record-latency"},
    {"--fault", "faults", Form::list, "kind=status,status=503,share=0.01,...; may be repeated"},
    {"--seed", "seed", Form::number, "Of everything random (default 1)"}};

Result<json> value_of(const ServerFlag& flag, const std::vector<std::string>& texts) {
  if (flag.form == Form::list) {
    json list = json::array();
    for (const std::string& text : texts) {
      DF_ASSIGN(json object, object_from_pairs(text, text_keys_of("fault")));
      list.push_back(std::move(object));
    }
    return list;
  }
  if (texts.size() != 1) return fail(ErrorKind::bad_input, "is given twice");
  if (flag.form == Form::pairs) return object_from_pairs(texts.front(), text_keys_of(flag.key));
  if (flag.form == Form::text) return json(texts.front());
  DF_ASSIGN(const std::uint64_t number, parse_count("the value", texts.front(), 0, kSeedMax));
  return json(number);
}

}  // namespace

std::span<const ServerFlag> server_flags() { return kFlags; }

Result<json> server_object_from_flags(const std::map<std::string, std::vector<std::string>>& given,
                                      json base) {
  for (const ServerFlag& flag : kFlags) {
    const auto texts = given.find(flag.name);
    if (texts == given.end() || texts->second.empty()) continue;
    auto value = value_of(flag, texts->second);
    if (!value) return pass_on(value.error(), flag.name);
    base[flag.key] = std::move(*value);
  }
  return base;
}

}  // namespace depthfinder
