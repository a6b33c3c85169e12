// SPDX-License-Identifier: MIT
// ServerAccess: which server, as whom, and how its certificate is recognised. A plain value; its password
// must reach neither a message nor a result file, and copies of it are few: see without_password().
#pragma once

#include <optional>

#include "restore_core/base/digest.h"
#include "restore_core/base/secret.h"
#include "restore_core/format/repository.h"

namespace depthfinder {

struct ServerAccess {
  Repository repository;
  Secret password;                    // or the token's secret; never printed
  std::optional<Digest> fingerprint;  // pins the certificate; without it the system's authorities decide

  // For what needs to know the server only.
  [[nodiscard]] ServerAccess without_password() const { return {repository, {}, fingerprint}; }
};

}  // namespace depthfinder
