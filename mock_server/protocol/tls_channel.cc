// SPDX-License-Identifier: MIT
#include "mock_server/protocol/tls_channel.h"

#include <array>

#include <openssl/err.h>
#include <sys/socket.h>

#include "mock_server/protocol/tls_context.h"

namespace depthfinder::mock {

Result<std::unique_ptr<TlsChannel>> TlsChannel::accept(SSL_CTX* context, UniqueFd socket,
                                                       const StopSignal& stop, TimePoint deadline) {
  Ssl ssl(SSL_new(context));
  if (!ssl || SSL_set_fd(ssl.get(), socket.get()) != 1)
    return fail(ErrorKind::io, "cannot make a TLS connection: {}", take_openssl_error());
  std::unique_ptr<TlsChannel> channel(new TlsChannel(std::move(socket), std::move(ssl), stop));
  while (true) {
    ERR_clear_error();
    const int success = SSL_accept(channel->ssl());
    if (success == 1) return channel;
    const IoResult result = channel->result_of(success, 0);
    if (result.state == IoState::closed)
      return fail(ErrorKind::protocol, "TLS handshake failed: {}", take_openssl_error());
    DF_TRY(channel->wait(result.state, deadline, "TLS handshake"));
  }
}

IoResult TlsChannel::result_of(int success, std::size_t bytes) const {
  if (success == 1) return {IoState::done, bytes};
  switch (SSL_get_error(ssl_.get(), success)) {
    case SSL_ERROR_WANT_READ:
      return {IoState::want_read, 0};
    case SSL_ERROR_WANT_WRITE:
      return {IoState::want_write, 0};
    default:
      return {IoState::closed, 0};
  }
}

IoResult TlsChannel::try_read(MutableByteSpan out) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int success = SSL_read_ex(ssl_.get(), out.data(), out.size(), &bytes);
  return result_of(success, bytes);
}

IoResult TlsChannel::try_write(ByteSpan bytes) {
  ERR_clear_error();
  std::size_t written = 0;
  const int success = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
  return result_of(success, written);
}

void TlsChannel::send_fatal_alert() {
  // OpenSSL sends alerts of its own accord only: it is fed a record that does not decrypt, and answers bad_record_mac.
  constexpr std::array<std::uint8_t, 37> kForgedRecord = {23, 3, 3, 0, 32};
  BIO* forged = BIO_new_mem_buf(kForgedRecord.data(), static_cast<int>(kForgedRecord.size()));
  if (forged == nullptr) return;
  SSL_set0_rbio(ssl_.get(), forged);  // owns it
  std::array<std::uint8_t, 64> nothing{};
  ERR_clear_error();
  std::size_t bytes = 0;
  SSL_read_ex(ssl_.get(), nothing.data(), nothing.size(), &bytes);
}

void TlsChannel::reset_on_close() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

Result<void> TlsChannel::wait(IoState state, TimePoint deadline, const char* doing) const {
  const Readiness ready =
      wait_ready(fd(), state == IoState::want_read, state == IoState::want_write, stop_, deadline);
  if (ready.stopped) return fail(ErrorKind::cancelled, "{}: the server stops", doing);
  if (!ready.readable && !ready.writable && SteadyClock().now() >= deadline)
    return fail(ErrorKind::timeout, "{}: the client was silent too long", doing);
  return {};
}

Result<std::size_t> TlsChannel::read_some(MutableByteSpan out, TimePoint deadline) {
  while (true) {
    const IoResult result = try_read(out);
    if (result.state == IoState::done) return result.bytes;
    if (result.state == IoState::closed) return 0;
    DF_TRY(wait(result.state, deadline, "reading"));
  }
}

Result<void> TlsChannel::write_all(ByteSpan bytes, TimePoint deadline) {
  while (!bytes.empty()) {
    const IoResult result = try_write(bytes);
    if (result.state == IoState::closed)
      return fail(ErrorKind::connection, "the client closed the connection");
    if (result.state == IoState::done) {
      bytes = bytes.subspan(result.bytes);
    } else {
      DF_TRY(wait(result.state, deadline, "writing"));
    }
  }
  return {};
}

}  // namespace depthfinder::mock
