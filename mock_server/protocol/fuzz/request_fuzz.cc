// SPDX-License-Identifier: MIT
// What a client asks for: a request's target and form, and plain HTTP on the TLS port.
#include "mock_server/protocol/parameters.h"
#include "mock_server/protocol/plain_redirect.h"
#include "mock_server/protocol/target.h"

using namespace depthfinder::mock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(redirect_to_tls(text));
  static_cast<void>(parse_form(text));
  const auto target = parse_target(text);
  if (!target) return 0;
  for (const std::string& component : target->components)  // none climbs out of a directory
    if (component.empty() || component.front() == '.' || component.find('\0') != std::string::npos)
      __builtin_trap();
  ParameterReader reader(target->parameters);
  static_cast<void>(reader.required("backup-id", check_safe_id));
  static_cast<void>(reader.required("backup-time", check_backup_time));
  static_cast<void>(reader.required("backup-type", check_backup_type));
  static_cast<void>(reader.optional("debug", check_boolean));
  static_cast<void>(reader.optional("digest", check_digest));
  static_cast<void>(reader.optional("ns", check_namespace));
  static_cast<void>(reader.optional("store", check_store_name));
  static_cast<void>(reader.refusal_if_any());
  return 0;
}
