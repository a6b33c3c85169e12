// SPDX-License-Identifier: MIT
#include "restore_core/engine/remedy.h"

namespace depthfinder {
namespace {

std::string_view remedy_for(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::connection:
    case ErrorKind::timeout:
      return "when the server answers again, go on with --resume";
    case ErrorKind::auth:
      return "check on the server what the user or token may do, then go on with --resume";
    case ErrorKind::protocol:
      return "see the server's log for the reason, then go on with --resume";
    case ErrorKind::not_found:
    case ErrorKind::corrupt:
      return "verify the snapshot on the server, or restore another one";
    case ErrorKind::cancelled:
    case ErrorKind::io:
    case ErrorKind::bad_input:
      return {};
  }
  return {};
}

}  // namespace

Error with_remedy(const Error& error) {
  const std::string_view remedy = remedy_for(error.kind);
  if (remedy.empty() || error.message.ends_with(remedy)) return error;
  Error told = error;
  told.message.append("; ").append(remedy);
  return told;
}

}  // namespace depthfinder
