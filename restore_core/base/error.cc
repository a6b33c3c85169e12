// SPDX-License-Identifier: MIT
#include "restore_core/base/error.h"

#include "restore_core/base/check.h"

namespace depthfinder {

std::string_view error_kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::connection:
      return "connection";
    case ErrorKind::auth:
      return "auth";
    case ErrorKind::protocol:
      return "protocol";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::corrupt:
      return "corrupt";
    case ErrorKind::io:
      return "io";
    case ErrorKind::bad_input:
      return "bad_input";
  }
  check_failed("known ErrorKind", __FILE__, __LINE__);
}

}  // namespace depthfinder
