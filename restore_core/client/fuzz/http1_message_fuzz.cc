// SPDX-License-Identifier: MIT
// What a server answers to the upgrade request.
#include "restore_core/client/http1_message.h"

using namespace depthfinder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto length = response_head_length(text);
  if (!length || !*length) return 0;
  const auto head = parse_response_head(text.substr(0, **length));
  if (!head) return 0;
  static_cast<void>(head->find("content-length"));
  static_cast<void>(refusal_body(*head, text.substr(**length)));
  return 0;
}
