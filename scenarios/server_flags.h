// SPDX-License-Identifier: MIT
// The flags of `serve` that describe a server, as a table, and the "server" object that their texts make: each flag is
// the key of the same name ("--request-limit" is "request_limit"). It parses no command line. Stateless; any thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "restore_core/base/result.h"

namespace depthfinder {

struct ServerFlag {
  enum class Form {
    text,    // as it is: 5ms
    number,  // 7
    pairs,   // KEY=VALUE,... makes an object
    list     // the same, and repeated: an array of objects
  };
  const char* name;  // "--request-limit"
  const char* key;   // "request_limit"
  Form form;
  const char* help;
};

std::span<const ServerFlag> server_flags();

// What was given, by the flag's name. A key that a flag gives takes the place of that key in `base`. Check the outcome
// with parse_server_spec. Errors: bad_input, with the flag in front.
Result<nlohmann::json> server_object_from_flags(const std::map<std::string, std::vector<std::string>>& given,
                                                nlohmann::json base);

}  // namespace depthfinder
