// SPDX-License-Identifier: MIT
// NbdConnection: one connection to an NBD export, through libnbd. One thread at a time; lent to the writing threads by
// NbdSink. Several requests are on their way at a time, and a call waits for its own. No wait is endless: a server that
// is silent for too long is an error, as is one that is gone; and whoever asks to stop ends every wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include <libnbd.h>

#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"
#include "restore_core/sink/extents.h"

namespace depthfinder {

// How long a server may be silent before it is given up.
struct NbdPatience {
  std::chrono::milliseconds connect{30'000};
  std::chrono::milliseconds request{120'000};
  std::chrono::milliseconds flush{900'000};  // it may have gigabytes to bring to a disk
  std::chrono::milliseconds extra_connections{1'000};
  std::stop_token stop = {};  // waits for nothing any more
};

// What the server says of the export.
struct NbdExport {
  std::uint64_t bytes = 0;
  std::uint64_t block_bytes_min = 1;          // requests are multiples of it, at multiples of it
  std::uint64_t write_bytes_max = 32U << 20;  // of one request
  bool read_only = false;
  bool can_zero = false;
  bool can_flush = false;
  bool can_multi_conn = false;
};

class NbdConnection {
 public:
  // Begins to connect; `uri` as libnbd takes it. Errors: bad_input (no such URI), connection.
  static Result<std::unique_ptr<NbdConnection>> start(const std::string& uri, const NbdPatience& patience);

  // True when the export can be used; false when the server was silent for longer. Errors: connection, cancelled.
  Result<bool> wait_until_ready(std::chrono::milliseconds patience);
  // Once, when ready. Error: connection.
  Result<NbdExport> describe();

  // After an error, which is io or cancelled, the connection is closed and every call fails: nothing uses the bytes any more. The
  // extents are aligned to the smallest block and none is larger than a request may be. Those of zeros become holes
  // where the server can.
  Result<void> write(std::span<const Extent> extents);
  // A hole that reads as zeros. False where the server cannot.
  Result<bool> zero(std::uint64_t offset, std::uint64_t length);
  Result<void> read(std::uint64_t offset, MutableByteSpan bytes);
  Result<void> flush();
  // Says goodbye; a server that does not answer is left all the same.
  void disconnect();

 private:
  struct Request {
    std::string_view verb;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::int64_t cookie = -1;        // libnbd's name for it; -1: refused at once
    bool is_zero = false;            // the one that a server may not know
    const Extent* extent = nullptr;  // what may be written instead
  };

  NbdConnection(std::string uri, const NbdPatience& patience);
  Result<void> check_open() const;
  Request start_write(const Extent& extent);
  Request start_zero(std::uint64_t offset, std::uint64_t length);
  // False when a request to zero is not for this server, as opposed to failed.
  Result<bool> wait_for(const Request& request, std::chrono::milliseconds patience);
  tl::unexpected<Error> give_up(const Request& request, std::string_view cause);
  tl::unexpected<Error> stopped();
  [[nodiscard]] std::string libnbd_says() const;

  Handle<nbd_handle, ::nbd_close> handle_;
  std::string uri_;
  std::string printable_uri_;
  NbdPatience patience_;
  bool can_zero_ = false;
};

}  // namespace depthfinder
