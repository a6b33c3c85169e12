// SPDX-License-Identifier: MIT
// Key files up to the derivation, which costs what it says and is refused beyond its bounds: no password is given.
#include "restore_core/format/key_file.h"

using namespace depthfinder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto none = []() -> Result<std::string> { return fail(ErrorKind::bad_input, "no password"); };
  static_cast<void>(read_key_file({data, size}, none));
  return 0;
}
