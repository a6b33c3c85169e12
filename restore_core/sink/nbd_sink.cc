// SPDX-License-Identifier: MIT
#include "restore_core/sink/nbd_sink.h"

#include <algorithm>
#include <array>
#include <vector>

#include "restore_core/sink/image_range.h"
#include "restore_core/sink/nbd_uri.h"

namespace depthfinder {
namespace {

// A request to zero carries no data; the bound keeps its answer within the patience where the server has to write.
constexpr std::uint64_t kZeroRequestBytes = 128U << 20;

std::uint64_t round_down(std::uint64_t value, std::uint64_t unit) { return value / unit * unit; }

Result<void> check_usable(const std::string& uri, const NbdExport& described, std::uint64_t image_bytes) {
  if (described.read_only)
    return fail(ErrorKind::bad_input,
                "'{}' is exported read-only; serve it writable, or choose another target", uri);
  if (described.bytes < image_bytes)
    return fail(ErrorKind::bad_input,
                "'{}' has {} bytes, the image {}; choose an export that is at least as large", uri,
                described.bytes, image_bytes);
  return {};
}

Extent part_of(const Extent& extent, std::uint64_t begin, std::uint64_t end) {
  return {begin, extent.bytes.subspan(static_cast<std::size_t>(begin - extent.offset), end - begin),
          extent.zeros};
}

}  // namespace

Result<std::unique_ptr<Sink>> NbdSink::open(const std::string& uri, std::uint64_t image_bytes, int writers,
                                            const NbdPatience& patience, OldData old_data) {
  const std::string printable = printable_nbd_uri(uri);
  DF_ASSIGN(auto first, NbdConnection::start(uri, patience));
  DF_ASSIGN(const bool ready, first->wait_until_ready(patience.connect));
  if (!ready)
    return fail(ErrorKind::connection,
                "'{}' was silent for {} ms while connecting; it may serve another client (qemu-nbd --shared)",
                printable, patience.connect.count());
  DF_ASSIGN(const NbdExport described, first->describe());
  DF_TRY(check_usable(printable, described, image_bytes));
  Connections connections;
  connections.push_back(std::move(first));
  if (described.can_multi_conn) connect_more(uri, writers, patience, described, connections);
  return std::unique_ptr<Sink>(
      new NbdSink(printable, image_bytes, described, std::move(connections), old_data));
}

NbdSink::NbdSink(std::string printable_uri, std::uint64_t image_bytes, const NbdExport& described,
                 Connections connections, OldData old_data)
    : printable_uri_(std::move(printable_uri)),
      image_bytes_(image_bytes),
      export_(described),
      old_data_(old_data),
      connections_(std::move(connections)) {}

void NbdSink::connect_more(const std::string& uri, int writers, const NbdPatience& patience,
                           const NbdExport& first, Connections& connections) {
  // A server that is full leaves a client waiting, so all are begun before the first is waited for.
  Connections begun;
  for (int i = 1; i < writers; ++i)
    if (auto connection = NbdConnection::start(uri, patience)) begun.push_back(std::move(*connection));
  for (auto& connection : begun) {
    const auto ready = connection->wait_until_ready(patience.extra_connections);
    if (!ready || !*ready) continue;
    const auto described = connection->describe();
    if (described && described->bytes == first.bytes) connections.push_back(std::move(connection));
  }
}

std::string NbdSink::description() const {
  return fmt::format("NBD export '{}', {} connection{}, zeros {}{}", printable_uri_, connections_.size(),
                     connections_.size() == 1 ? "" : "s", export_.can_zero ? "as holes" : "written",
                     export_.can_flush ? "" : ", no flush offered") +
         (holds_old_data() ? ", old data kept" : "");
}

// Whole blocks where they belong, and parts of a block by way of the block.
Result<void> NbdSink::read(std::uint64_t offset, MutableByteSpan bytes) {
  check_image_range(offset, bytes.size(), image_bytes_);
  const auto connection = connections_.borrow();
  const std::uint64_t block_bytes = export_.block_bytes_min;
  const std::uint64_t request_max = std::max(round_down(export_.write_bytes_max, block_bytes), block_bytes);
  while (!bytes.empty()) {
    const std::uint64_t begin = round_down(offset, block_bytes);
    const auto whole = static_cast<std::size_t>(
        begin == offset ? std::min<std::uint64_t>(round_down(bytes.size(), block_bytes), request_max) : 0);
    std::size_t done = whole;
    if (whole > 0) {
      DF_TRY(connection->read(offset, bytes.first(whole)));
    } else {
      Bytes block(static_cast<std::size_t>(std::min(block_bytes, export_.bytes - begin)));
      DF_TRY(connection->read(begin, block));
      const ByteSpan part = ByteSpan(block).subspan(static_cast<std::size_t>(offset - begin));
      done = std::min(part.size(), bytes.size());
      std::copy_n(part.begin(), done, bytes.begin());
    }
    offset += done;
    bytes = bytes.subspan(done);
  }
  return {};
}

Result<void> NbdSink::write_data(std::uint64_t offset, ByteSpan bytes) {
  return write_run(offset, std::span(&bytes, 1));
}

Result<void> NbdSink::write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) {
  check_image_range(offset, byte_count(pieces), image_bytes_);
  const auto connection = connections_.borrow();
  return write_extents(*connection, split_at_zeros(offset, pieces));
}

Result<void> NbdSink::write_extents(NbdConnection& connection, std::span<const Extent> extents) {
  const std::uint64_t block = export_.block_bytes_min;
  const std::uint64_t request_max = std::max(round_down(export_.write_bytes_max, block), block);
  std::vector<Extent> requests;
  std::vector<Extent> patches;
  for (const Extent& extent : extents) {
    for (std::uint64_t at = extent.offset; at < extent.end();) {
      const std::uint64_t to_border = block - at % block;
      const std::uint64_t whole = round_down(extent.end() - at, block);
      const bool is_part = to_border < block || whole == 0;
      const std::uint64_t end =
          is_part ? std::min(at + to_border, extent.end()) : at + std::min(whole, request_max);
      (is_part ? patches : requests).push_back(part_of(extent, at, end));
      at = end;
    }
  }
  DF_TRY(connection.write(requests));
  for (const Extent& patch : patches) DF_TRY(patch_block(connection, patch));
  return {};
}

Result<void> NbdSink::write_zeros(std::uint64_t offset, std::uint64_t length) {
  check_image_range(offset, length, image_bytes_);
  const auto connection = connections_.borrow();
  const std::uint64_t block = export_.block_bytes_min;
  const std::uint64_t end = offset + length;
  const std::uint64_t aligned_begin = std::min(round_down(offset + block - 1, block), end);
  const std::uint64_t aligned_end = std::max(round_down(end, block), aligned_begin);
  DF_TRY(write_zeros_as_data(*connection, offset, aligned_begin - offset));
  for (std::uint64_t at = aligned_begin; at < aligned_end;) {
    const std::uint64_t piece = std::min(aligned_end - at, kZeroRequestBytes);
    DF_ASSIGN(const bool done, connection->zero(at, piece));
    if (!done) DF_TRY(write_zeros_as_data(*connection, at, piece));
    at += piece;
  }
  return write_zeros_as_data(*connection, aligned_end, end - aligned_end);
}

Result<void> NbdSink::write_zeros_as_data(NbdConnection& connection, std::uint64_t offset,
                                          std::uint64_t length) {
  static constexpr std::array<std::uint8_t, 1U << 20> kZeros{};
  std::vector<Extent> extents;
  while (length > 0) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(length, kZeros.size()));
    extents.push_back({offset, ByteSpan(kZeros).first(piece), false});
    offset += piece;
    length -= piece;
  }
  return write_extents(connection, extents);
}

Result<void> NbdSink::patch_block(NbdConnection& connection, const Extent& part) {
  const std::uint64_t begin = round_down(part.offset, export_.block_bytes_min);
  Bytes block(static_cast<std::size_t>(std::min(export_.block_bytes_min, export_.bytes - begin)));
  MutexLock lock(patching_);
  DF_TRY(connection.read(begin, block));
  std::copy(part.bytes.begin(), part.bytes.end(),
            block.begin() + static_cast<std::ptrdiff_t>(part.offset - begin));
  const Extent whole{begin, block, false};
  return connection.write(std::span(&whole, 1));
}

Result<void> NbdSink::finish() {
  // Where several connections are permitted, a flush on one covers what was answered on all.
  if (export_.can_flush) DF_TRY(connections_.all().front()->flush());
  for (const auto& connection : connections_.all()) connection->disconnect();
  return {};
}

}  // namespace depthfinder
