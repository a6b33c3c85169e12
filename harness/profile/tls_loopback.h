// SPDX-License-Identifier: MIT
// TlsLoopback: a TLS 1.3 connection over TCP loopback with AES-256-GCM, whose far end is a thread of its own that sends
// as fast as it can, and only what was asked for. The bare receive that a restore's is held against: it shares no code
// with restore_core/client. One thread owns it; the sending thread ends with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "restore_core/base/bytes.h"
#include "restore_core/base/result.h"

namespace depthfinder {

class TlsLoopback {
 public:
  // The far end sends `content`, over and over. Errors: io, connection.
  static Result<std::unique_ptr<TlsLoopback>> open(Bytes content);
  ~TlsLoopback();
  TlsLoopback(const TlsLoopback&) = delete;
  TlsLoopback& operator=(const TlsLoopback&) = delete;

  // Asks the far end for so many bytes more.
  void ask_for(std::uint64_t bytes);

  // Fills `buffer`; waits for ever for bytes that were not asked for. Errors: connection.
  Result<void> receive(MutableByteSpan buffer);

  [[nodiscard]] std::string cipher() const;  // "TLSv1.3 TLS_AES_256_GCM_SHA384"

 private:
  struct Parts;
  explicit TlsLoopback(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace depthfinder
