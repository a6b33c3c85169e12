// SPDX-License-Identifier: MIT
// ServerAccess: which server, as whom, and how its certificate is recognised. A plain value; its password
// must reach neither a message nor a result file.
#pragma once

#include <optional>
#include <string>

#include "restore_core/base/digest.h"
#include "restore_core/format/repository.h"

namespace depthfinder {

struct ServerAccess {
  Repository repository;
  std::string password;               // or the token's secret; never printed
  std::optional<Digest> fingerprint;  // pins the certificate; without it the system's authorities decide
};

}  // namespace depthfinder
