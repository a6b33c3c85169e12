// SPDX-License-Identifier: MIT
#include "restore_core/client/socket_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

#include <sys/socket.h>
#include <sys/uio.h>

namespace depthfinder {
namespace {

constexpr std::size_t kBufferBytes = 512 << 10;  // 31 records, half of a common L2 cache

struct Source {
  int socket = -1;
  std::size_t begin = 0, end = 0;  // of what is buffered
  std::array<std::uint8_t, kBufferBytes> buffer;
};

Source& source_of(BIO* bio) { return *static_cast<Source*>(BIO_get_data(bio)); }

// What recvmsg() gives: first into `data`, the rest into the buffer.
int receive(BIO* bio, Source& source, char* data, std::size_t size) {
  std::array<iovec, 2> parts{iovec{data, size}, iovec{source.buffer.data(), source.buffer.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  ssize_t count = 0;
  do count = ::recvmsg(source.socket, &message, 0);
  while (count < 0 && errno == EINTR);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) BIO_set_retry_read(bio);
  if (count <= 0) return static_cast<int>(count);
  const std::size_t given = std::min(static_cast<std::size_t>(count), size);
  source.begin = 0;
  source.end = static_cast<std::size_t>(count) - given;
  return static_cast<int>(given);
}

int read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  Source& source = source_of(bio);
  if (size <= 0) return 0;
  if (source.begin == source.end) return receive(bio, source, data, static_cast<std::size_t>(size));
  const std::size_t given = std::min(static_cast<std::size_t>(size), source.end - source.begin);
  std::memcpy(data, source.buffer.data() + source.begin, given);
  source.begin += given;
  return static_cast<int>(given);
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int destroy(BIO* bio) {
  delete static_cast<Source*>(BIO_get_data(bio));
  return 1;
}

BIO_METHOD* method() {
  static BIO_METHOD* const made = [] {
    BIO_METHOD* const fresh =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket, many records a read");
    if (fresh != nullptr) {
      BIO_meth_set_read(fresh, &read);
      BIO_meth_set_ctrl(fresh, &control);
      BIO_meth_set_destroy(fresh, &destroy);
    }
    return fresh;
  }();
  return made;
}

}  // namespace

bool read_many_records(SSL* ssl, int socket) {
  std::unique_ptr<Source> source(new (std::nothrow) Source);
  if (!source || method() == nullptr) return false;
  BIO* const bio = BIO_new(method());
  if (bio == nullptr) return false;
  source->socket = socket;
  BIO_set_data(bio, source.release());
  BIO_set_init(bio, 1);
  SSL_set0_rbio(ssl, bio);
  return true;
}

}  // namespace depthfinder
