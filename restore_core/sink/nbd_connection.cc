// SPDX-License-Identifier: MIT
#include "restore_core/sink/nbd_connection.h"

#include <algorithm>
#include <cerrno>
#include <deque>

#include "restore_core/sink/nbd_uri.h"

namespace depthfinder {
namespace {

// Requests on their way at a time: enough to hide a round trip behind 64 KiB pieces.
constexpr std::size_t kRequestsMax = 16;
// What a server that does not say is taken to want, as the protocol advises clients.
constexpr std::uint64_t kBlockBytesUnsaid = 512;
constexpr std::uint64_t kWriteBytesMax = 32U << 20;
// libnbd's own NBD_NULL_COMPLETION is no C++.
constexpr nbd_completion_callback kNoCallback{};

bool cannot_do(int error_number) {
  return error_number == ENOTSUP || error_number == EINVAL || error_number == ENOSYS;
}

enum class Step { made, broken, silent, stopped };

// One step of the connection. The outcome of requests is asked for elsewhere, where a broken connection shows.
// libnbd can wait for the connection alone: who asks to stop is looked for between short waits.
Step step(nbd_handle* handle, std::chrono::milliseconds patience, const std::stop_token& stop) {
  using std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kLook{50};
  const auto until = steady_clock::now() + patience;
  while (!stop.stop_requested()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    if (left.count() <= 0) return Step::silent;
    const int polled = ::nbd_poll(handle, static_cast<int>(std::min(left, kLook).count()));
    if (polled != 0) return polled > 0 ? Step::made : Step::broken;
  }
  return Step::stopped;
}

}  // namespace

NbdConnection::NbdConnection(std::string uri, const NbdPatience& patience)
    : handle_(::nbd_create()),
      uri_(std::move(uri)),
      printable_uri_(printable_nbd_uri(uri_)),
      patience_(patience) {}

Result<std::unique_ptr<NbdConnection>> NbdConnection::start(const std::string& uri,
                                                            const NbdPatience& patience) {
  std::unique_ptr<NbdConnection> connection(new NbdConnection(uri, patience));
  nbd_handle* handle = connection->handle_.get();
  if (handle == nullptr) return fail(ErrorKind::io, "cannot use libnbd: {}", connection->libnbd_says());
  // Keys and certificates that the URI names; it comes from the one who runs us.
  ::nbd_set_uri_allow_local_file(handle, true);
  if (::nbd_aio_connect_uri(handle, uri.c_str()) != 0) {
    const ErrorKind kind =
        ::nbd_get_errno() == EINVAL || ::nbd_get_errno() == 0 ? ErrorKind::bad_input : ErrorKind::connection;
    return fail(kind, "cannot connect to '{}': {}", connection->printable_uri_, connection->libnbd_says());
  }
  return connection;
}

Result<bool> NbdConnection::wait_until_ready(std::chrono::milliseconds patience) {
  while (::nbd_aio_is_connecting(handle_.get()) == 1) {
    const Step made = step(handle_.get(), patience, patience_.stop);
    if (made == Step::stopped) return stopped();
    if (made == Step::silent) return false;
  }
  if (::nbd_aio_is_ready(handle_.get()) == 1) return true;
  return fail(ErrorKind::connection,
              "cannot connect to '{}': {}; check the server and the name of the export", printable_uri_,
              libnbd_says());
}

Result<NbdExport> NbdConnection::describe() {
  nbd_handle* handle = handle_.get();
  const std::int64_t bytes = ::nbd_get_size(handle);
  if (bytes < 0)
    return fail(ErrorKind::connection, "'{}' does not say its size: {}", printable_uri_, libnbd_says());
  NbdExport described;
  described.bytes = static_cast<std::uint64_t>(bytes);
  const std::int64_t block_bytes_min = ::nbd_get_block_size(handle, LIBNBD_SIZE_MINIMUM);
  const std::int64_t write_bytes_max = ::nbd_get_block_size(handle, LIBNBD_SIZE_MAXIMUM);
  described.block_bytes_min =
      block_bytes_min > 0 ? static_cast<std::uint64_t>(block_bytes_min) : kBlockBytesUnsaid;
  described.write_bytes_max = write_bytes_max > 0
                                  ? std::min(static_cast<std::uint64_t>(write_bytes_max), kWriteBytesMax)
                                  : kWriteBytesMax;
  described.read_only = ::nbd_is_read_only(handle) != 0;
  described.can_zero = ::nbd_can_zero(handle) == 1;
  described.can_flush = ::nbd_can_flush(handle) == 1;
  described.can_multi_conn = ::nbd_can_multi_conn(handle) == 1;
  can_zero_ = described.can_zero;
  return described;
}

Result<void> NbdConnection::write(std::span<const Extent> extents) {
  DF_TRY(check_open());
  std::deque<Request> on_their_way;
  while (!extents.empty() || !on_their_way.empty()) {
    while (!extents.empty() && on_their_way.size() < kRequestsMax) {
      on_their_way.push_back(start_write(extents.front()));
      extents = extents.subspan(1);
    }
    const Request oldest = on_their_way.front();
    on_their_way.pop_front();
    DF_ASSIGN(const bool done, wait_for(oldest, patience_.request));
    if (done) continue;
    can_zero_ = false;
    on_their_way.push_back(start_write(*oldest.extent));
  }
  return {};
}

Result<bool> NbdConnection::zero(std::uint64_t offset, std::uint64_t length) {
  DF_TRY(check_open());
  if (!can_zero_) return false;
  DF_ASSIGN(can_zero_, wait_for(start_zero(offset, length), patience_.request));
  return can_zero_;
}

Result<void> NbdConnection::read(std::uint64_t offset, MutableByteSpan bytes) {
  DF_TRY(check_open());
  Request request{"read", offset, bytes.size()};
  request.cookie = ::nbd_aio_pread(handle_.get(), bytes.data(), bytes.size(), offset, kNoCallback, 0);
  DF_TRY(wait_for(request, patience_.request));
  return {};
}

Result<void> NbdConnection::flush() {
  DF_TRY(check_open());
  Request request{"make durable"};
  request.cookie = ::nbd_aio_flush(handle_.get(), kNoCallback, 0);
  DF_TRY(wait_for(request, patience_.flush));
  return {};
}

void NbdConnection::disconnect() {
  if (!handle_ || ::nbd_aio_disconnect(handle_.get(), 0) != 0) return;
  while (::nbd_aio_is_closed(handle_.get()) == 0 && ::nbd_aio_is_dead(handle_.get()) == 0)
    if (step(handle_.get(), patience_.extra_connections, patience_.stop) != Step::made) return;
}

Result<void> NbdConnection::check_open() const {
  if (handle_) return {};
  return fail(ErrorKind::io, "the connection to '{}' was given up after an error", printable_uri_);
}

NbdConnection::Request NbdConnection::start_write(const Extent& extent) {
  if (extent.zeros && can_zero_) {
    Request request = start_zero(extent.offset, extent.bytes.size());
    request.extent = &extent;
    return request;
  }
  Request request{"write", extent.offset, extent.bytes.size()};
  request.cookie = ::nbd_aio_pwrite(handle_.get(), extent.bytes.data(), extent.bytes.size(), extent.offset,
                                    kNoCallback, 0);
  return request;
}

NbdConnection::Request NbdConnection::start_zero(std::uint64_t offset, std::uint64_t length) {
  Request request{"zero", offset, length};
  request.is_zero = true;
  request.cookie = ::nbd_aio_zero(handle_.get(), length, offset, kNoCallback, 0);
  return request;
}

Result<bool> NbdConnection::wait_for(const Request& request, std::chrono::milliseconds patience) {
  if (request.cookie < 0) return give_up(request, libnbd_says());
  for (;;) {
    const int completed =
        ::nbd_aio_command_completed(handle_.get(), static_cast<std::uint64_t>(request.cookie));
    if (completed == 1) return true;
    if (completed < 0) {
      if (request.is_zero && cannot_do(::nbd_get_errno())) return false;
      return give_up(request, libnbd_says());
    }
    const Step made = step(handle_.get(), patience, patience_.stop);
    if (made == Step::stopped) return stopped();
    if (made == Step::silent)
      return give_up(request, fmt::format("the server was silent for {} ms", patience.count()));
  }
}

tl::unexpected<Error> NbdConnection::give_up(const Request& request, std::string_view cause) {
  handle_.reset();
  const std::string what = request.length > 0 ? fmt::format("{} {} bytes at offset {} of", request.verb,
                                                            request.length, request.offset)
                                              : fmt::format("{} what was written to", request.verb);
  Error error{ErrorKind::io,
              fmt::format("cannot {} '{}': {}; look at the server", what, printable_uri_, cause)};
  if (request.length > 0) error.offset = request.offset;
  return tl::make_unexpected(std::move(error));
}

tl::unexpected<Error> NbdConnection::stopped() {
  handle_.reset();
  return fail(ErrorKind::cancelled, "interrupted while '{}' was waited for", printable_uri_);
}

// libnbd may quote the URI, and that may hold a secret.
std::string NbdConnection::libnbd_says() const {
  const char* error = ::nbd_get_error();
  std::string text = error != nullptr ? error : "no cause is known";
  for (std::size_t at = text.find(uri_); at != std::string::npos;
       at = text.find(uri_, at + printable_uri_.size()))
    text.replace(at, uri_.size(), printable_uri_);
  return text;
}

}  // namespace depthfinder
