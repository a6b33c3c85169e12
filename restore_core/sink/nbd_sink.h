// SPDX-License-Identifier: MIT
// NbdSink: an export of an NBD server as target, so that whatever qemu-nbd serves (qcow2, remote storage) can be
// restored to. The export may hold old data: zeros are always made, as holes where the server can. One connection for
// each writing thread where the server permits several, else one. What lies behind the image's end stays as it is.
#pragma once

#include <memory>
#include <string>

#include "restore_core/base/mutex.h"
#include "restore_core/sink/lease_pool.h"
#include "restore_core/sink/nbd_connection.h"
#include "restore_core/sink/sink.h"

namespace depthfinder {

class NbdSink final : public Sink {
 public:
  // Errors: bad_input (no such URI, read-only, smaller than the image), connection, cancelled.
  static Result<std::unique_ptr<Sink>> open(const std::string& uri, std::uint64_t image_bytes, int writers,
                                            const NbdPatience& patience = {},
                                            OldData old_data = OldData::drop);

  Result<void> write_data(std::uint64_t offset, ByteSpan bytes) override;
  Result<void> write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) override;
  Result<void> write_zeros(std::uint64_t offset, std::uint64_t length) override;
  Result<void> finish() override;
  [[nodiscard]] int writers_max() const override { return connections_.size(); }
  [[nodiscard]] bool holds_old_data() const override { return old_data_ != OldData::drop; }
  Result<void> read(std::uint64_t offset, MutableByteSpan bytes) override;
  [[nodiscard]] std::string description() const override;

 private:
  using Connections = std::vector<std::unique_ptr<NbdConnection>>;

  NbdSink(std::string printable_uri, std::uint64_t image_bytes, const NbdExport& described,
          Connections connections, OldData old_data);
  // Adds to `connections` as many as the server lets in.
  static void connect_more(const std::string& uri, int writers, const NbdPatience& patience,
                           const NbdExport& first, Connections& connections);
  Result<void> write_extents(NbdConnection& connection, std::span<const Extent> extents);
  Result<void> write_zeros_as_data(NbdConnection& connection, std::uint64_t offset, std::uint64_t length);
  // A part of one smallest block, which is read, changed and written.
  Result<void> patch_block(NbdConnection& connection, const Extent& part);

  std::string printable_uri_;
  std::uint64_t image_bytes_;
  NbdExport export_;
  OldData old_data_;
  LeasePool<NbdConnection> connections_;
  Mutex patching_;  // two threads may have parts of the same block
};

}  // namespace depthfinder
