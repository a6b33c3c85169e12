// SPDX-License-Identifier: MIT
// TlsChannel: one accepted TLS connection over a non-blocking socket. It belongs to its connection's thread. The
// non-blocking calls say what to wait for; the blocking ones wait until a deadline or the server's stop.
#pragma once

#include <memory>

#include <openssl/ssl.h>

#include "mock_server/protocol/stop_signal.h"
#include "restore_core/base/bytes.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder::mock {

enum class IoState { done, want_read, want_write, closed };

struct IoResult {
  IoState state = IoState::closed;
  std::size_t bytes = 0;  // moved, when done; at least 1
};

class TlsChannel {
 public:
  // Shakes hands. Errors: timeout, cancelled (stop), protocol.
  static Result<std::unique_ptr<TlsChannel>> accept(SSL_CTX* context, UniqueFd socket, const StopSignal& stop,
                                                    TimePoint deadline);

  // One attempt, without waiting. A write that wanted to wait must be repeated with the same bytes, or more.
  IoResult try_read(MutableByteSpan out);
  IoResult try_write(ByteSpan bytes);

  // At least one byte; 0 at the peer's end. Errors: timeout, cancelled.
  Result<std::size_t> read_some(MutableByteSpan out, TimePoint deadline);
  // Errors: timeout, cancelled, connection.
  Result<void> write_all(ByteSpan bytes, TimePoint deadline);

  // Ends the TLS side as after a record that cannot be read: with a fatal alert to the client.
  void send_fatal_alert();
  // The client will see a TCP reset in place of an orderly end.
  void reset_on_close();

  [[nodiscard]] SSL* ssl() const { return ssl_.get(); }
  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] const StopSignal& stop() const { return stop_; }

 private:
  using Ssl = Handle<SSL, SSL_free>;

  TlsChannel(UniqueFd socket, Ssl ssl, const StopSignal& stop)
      : socket_(std::move(socket)), ssl_(std::move(ssl)), stop_(stop) {}

  [[nodiscard]] IoResult result_of(int success, std::size_t bytes) const;
  Result<void> wait(IoState state, TimePoint deadline, const char* doing) const;

  UniqueFd socket_;
  Ssl ssl_;
  const StopSignal& stop_;
};

}  // namespace depthfinder::mock
