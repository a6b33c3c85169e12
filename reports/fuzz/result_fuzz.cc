// SPDX-License-Identifier: MIT
// Result files, edited by whomever: read or refused; and what is read is recommended from.
#include "reports/recommend.h"
#include "reports/result_json.h"

using namespace depthfinder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto result = from_json({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!result) return 0;
  static_cast<void>(to_json(*result));
  const auto choice = recommend(*result);
  if (choice) static_cast<void>(recommendation_text(*choice));
  return 0;
}
