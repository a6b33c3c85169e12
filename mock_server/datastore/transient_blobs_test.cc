// SPDX-License-Identifier: MIT
#include "mock_server/datastore/transient_blobs.h"

#include <map>

#include <gtest/gtest.h>

namespace depthfinder::mock {
namespace {

constexpr std::uint64_t kChunkBytes = 4 << 20;

Digest chunk_digest(int number) {
  Digest digest{};
  digest[0] = static_cast<std::uint8_t>(number);
  return digest;
}

// Makes every chunk anew, as a store does whose cache is full; number 0 is cached and 255 is not there.
class FullStore final : public Datastore {
 public:
  [[nodiscard]] std::string_view name() const override { return "full"; }
  [[nodiscard]] std::string path() const override { return "/full"; }
  [[nodiscard]] Result<std::vector<SnapshotId>> snapshots() const override {
    return std::vector<SnapshotId>{};
  }
  [[nodiscard]] bool has_snapshot(const SnapshotId&) const override { return false; }
  [[nodiscard]] Result<std::vector<std::string>> files(const SnapshotId&) const override {
    return std::vector<std::string>{};
  }
  [[nodiscard]] std::string owner(const SnapshotId&) const override { return "root@pam"; }
  [[nodiscard]] Result<SharedBlob> file(const SnapshotId&, std::string_view) const override {
    return fail(ErrorKind::not_found, "no file");
  }
  [[nodiscard]] Result<SharedBlob> chunk(const Digest& digest) const override {
    if (digest[0] == 255) return fail(ErrorKind::not_found, "no chunk");
    return std::make_shared<const Bytes>(16, digest[0]);
  }
  [[nodiscard]] SharedBlob cached_chunk(const Digest& digest) const override {
    return digest[0] == 0 ? cached_ : nullptr;
  }
  [[nodiscard]] std::uint64_t chunk_bytes(const Digest& digest) const override {
    if (digest[0] == 254) return 2 * TransientBlobs::kBytesMax;
    return digest[0] == 255 ? 0 : kChunkBytes;
  }

 private:
  const SharedBlob cached_ = std::make_shared<const Bytes>(16);
};

TEST(TransientBlobs, LendsNoMoreThanTheBudgetUntilSomeComeBack) {
  const FullStore store;
  TransientBlobs blobs(store);
  std::map<int, SharedBlob> lent;
  for (int number = 1; number <= 2; ++number) {
    auto blob = blobs.borrow(chunk_digest(number));
    ASSERT_TRUE(blob && *blob) << number;
    EXPECT_EQ((**blob)->front(), number);
    lent[number] = **blob;
  }
  EXPECT_FALSE(blobs.borrow(chunk_digest(9)));
  EXPECT_TRUE(blobs.borrow(chunk_digest(0))) << "what is cached costs nothing";
  const SharedBlob second = lent[1];
  lent.erase(1);
  EXPECT_FALSE(blobs.borrow(chunk_digest(9))) << "somebody still holds it";
  lent.erase(2);
  EXPECT_TRUE(blobs.borrow(chunk_digest(9))) << "and gives it back at once";
  EXPECT_TRUE(blobs.borrow(chunk_digest(10)));
}

TEST(TransientBlobs, OneLargerThanTheBudgetGoesAlone) {
  const FullStore store;
  TransientBlobs blobs(store);
  const SharedBlob small = **blobs.borrow(chunk_digest(1));
  EXPECT_FALSE(blobs.borrow(chunk_digest(254)));
  TransientBlobs empty(store);
  EXPECT_TRUE(empty.borrow(chunk_digest(254)));
}

TEST(TransientBlobs, AFailureHoldsNothing) {
  const FullStore store;
  TransientBlobs blobs(store);
  for (int i = 0; i < 100; ++i) {
    auto blob = blobs.borrow(chunk_digest(255));
    ASSERT_TRUE(blob);
    EXPECT_FALSE(*blob);
  }
}

TEST(TransientBlobs, ABlobMayOutliveIt) {
  const FullStore store;
  SharedBlob blob;
  {
    TransientBlobs blobs(store);
    blob = **blobs.borrow(chunk_digest(7));
  }
  EXPECT_EQ(blob->front(), 7);
}

}  // namespace
}  // namespace depthfinder::mock
