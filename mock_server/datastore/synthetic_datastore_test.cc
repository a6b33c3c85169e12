// SPDX-License-Identifier: MIT
#include "mock_server/datastore/synthetic_datastore.h"

#include <gtest/gtest.h>

#include "mock_server/datastore/image_digest.h"
#include "restore_core/format/data_blob.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/manifest.h"

namespace depthfinder::mock {
namespace {

CryptConfig counting_key() {
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return CryptConfig(bytes);
}

std::unique_ptr<SyntheticDatastore> make_store(const SyntheticOptions& options) {
  auto store = SyntheticDatastore::create(options);
  EXPECT_TRUE(store) << (store ? "" : store.error().message);
  return std::move(store).value();
}

SnapshotId snapshot_of(const Datastore& store) { return store.snapshots().value().at(0); }

FixedIndex index_of(const Datastore& store) {
  return parse_fixed_index(*store.file(snapshot_of(store), "drive-scsi0.img.fidx").value()).value();
}

constexpr SyntheticImage kSmall{7 * kDefaultChunkSize + 12345, 0.3, 0.4, 1.8, 1};

TEST(SyntheticDatastore, OffersOneSnapshot) {
  const auto store = make_store({{SyntheticImage{5000, 0, 0, 1, 1}}, {}});
  EXPECT_EQ(store->name(), "depthfinder");
  ASSERT_EQ(store->snapshots()->size(), 1U);
  const SnapshotId snapshot = snapshot_of(*store);
  EXPECT_EQ(snapshot.name.to_string(), "vm/100/2025-07-07T08:00:00Z");
  EXPECT_TRUE(store->has_snapshot(snapshot));
  EXPECT_EQ(store->files(snapshot).value(),
            (std::vector<std::string>{"drive-scsi0.img.fidx", "index.json.blob", "qemu-server.conf.blob"}));
  SnapshotId other = snapshot;
  other.name.id = "101";
  EXPECT_FALSE(store->has_snapshot(other));
  EXPECT_EQ(store->file(other, kManifestName).error().kind, ErrorKind::not_found);
  EXPECT_EQ(store->file(snapshot, "absent.blob").error().kind, ErrorKind::not_found);
  EXPECT_EQ(store->chunk(Digest{}).error().kind, ErrorKind::not_found);
}

TEST(SyntheticDatastore, RestoresToTheDigestItStates) {
  const CryptConfig key = counting_key();
  for (const bool encrypted : {false, true})
    for (const bool compress : {false, true})
      for (const double zeros : {0.0, 0.3, 1.0}) {
        SyntheticOptions options{{kSmall}, {}, compress};
        options.images[0].zeros = zeros;
        if (zeros == 1) options.images[0].duplicates = 0;
        if (encrypted) options.key = key;
        const auto store = make_store(options);
        const SnapshotId snapshot = snapshot_of(*store);
        const auto restored = image_sha256(*store, snapshot, "drive-scsi0.img.fidx", &key);
        ASSERT_TRUE(restored) << restored.error().message;
        ASSERT_TRUE(*restored);
        EXPECT_EQ(*restored, store->known_image_sha256(snapshot, "drive-scsi0.img.fidx"));
        const auto config = image_sha256(*store, snapshot, "qemu-server.conf.blob", &key);
        EXPECT_TRUE(config && *config);
      }
}

TEST(SyntheticDatastore, HasTheSameImageOnEveryHost) {
  const struct {
    SyntheticImage image;
    const char* image_hex;
    const char* csum_hex;
  } kCases[] = {
      {kSmall, "af8acff16098a782d4dbf0f8aacde49661497e90ac71bceea80c3bcba48441a0",
       "160216ad1d110c997e17152e2f9ec272d77e9dd193c8809de60ab1b2811ac8ba"},
      {{32ULL << 20, 0.5, 0, 1, 42},
       "011f457eb37c98c151e4ff5265fc5ae3187ec96659a024f68b41012d2e9f28a2",
       "386080963453bffa2b63d10ecf18a0248008192d7196006ed645a96affe55f32"},
      {{1, 0, 0, 1, 1},
       "2ea970ff63aec5d7a014ca6447ec743d3ba37450b85ebdcbb582b089b0194fa2",
       "faa27b232fb7549817ebc40a4b7b3807dc0990fd1f87c4a71a0bf4e8b549cd9a"},
      {{8ULL << 20, 1, 0, 1, 1},  // 8 MiB of zeros
       "2daeb1f36095b44b318410b3f4e8b5d989dcc7bb023d1426c492dab0a3053e74",
       "03ae066c707c588592d9e27aa2444ca98423e0999024f1ceaa11a153790b37de"},
  };
  for (const auto& c : kCases) {
    const auto store = make_store({{c.image}, {}});
    EXPECT_EQ(to_hex(store->known_image_sha256(snapshot_of(*store), "drive-scsi0.img.fidx").value()),
              c.image_hex);
    EXPECT_EQ(to_hex(index_of(*store).checksum()), c.csum_hex);
  }
}

TEST(SyntheticDatastore, ServesTheSameBytesWithoutACache) {
  for (const bool encrypted : {false, true}) {
    SyntheticOptions options{{kSmall}, {}};
    if (encrypted) options.key = counting_key();
    const auto cached = make_store(options);
    options.cache_bytes_max = 0;
    const auto uncached = make_store(options);
    EXPECT_GT(cached->cached_bytes(), 0U);
    EXPECT_EQ(uncached->cached_bytes(), 0U);
    const FixedIndex index = index_of(*cached);
    for (const Digest& digest : index.digests)
      EXPECT_EQ(*cached->chunk(digest).value(), *uncached->chunk(digest).value());
    const SnapshotId snapshot = snapshot_of(*cached);
    const auto names = cached->files(snapshot).value();
    for (const std::string& name : names)
      EXPECT_EQ(*cached->file(snapshot, name).value(), *uncached->file(snapshot, name).value());
  }
}

TEST(SyntheticDatastore, KeepsToTheCacheItWasGiven) {
  SyntheticOptions options{{SyntheticImage{32ULL << 20, 0, 0, 1, 1}}, {}};
  options.cache_bytes_max = 10ULL << 20;
  const auto store = make_store(options);
  EXPECT_LE(store->cached_bytes(), options.cache_bytes_max);
  EXPECT_EQ(store->cached_bytes(), 2 * (kDefaultChunkSize + kBlobHeaderSize));
}

TEST(SyntheticDatastore, UsesTheWellKnownDigestsOfTheZeroChunk) {
  SyntheticOptions options{{SyntheticImage{8ULL << 20, 1, 0, 1, 1}}, {}};
  EXPECT_EQ(to_hex(index_of(*make_store(options)).digests.at(1)),
            "bb9f8df61474d25e71fa00722318cd387396ca1736605e1248821cc0de3d3af8");
  options.key = counting_key();
  EXPECT_EQ(to_hex(index_of(*make_store(options)).digests.at(1)),
            "348571e12bbbedb529def1f1394316e338a01945d871df9ef792617ceb13d636");
}

TEST(SyntheticDatastore, ManifestSaysHowItIsProtected) {
  const CryptConfig key = counting_key();
  SyntheticOptions options{{SyntheticImage{5000, 0, 0, 1, 1}}, key};
  const auto store = make_store(options);
  const SnapshotId snapshot = snapshot_of(*store);
  const auto manifest = read_manifest(*store->file(snapshot, kManifestName).value(), &key, snapshot.name);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_TRUE(manifest->signature_checked);
  EXPECT_EQ(manifest->key_fingerprint, key.fingerprint());
  EXPECT_EQ(manifest->find("drive-scsi0.img.fidx")->crypt_mode, CryptMode::encrypt);
  EXPECT_EQ(image_sha256(*store, snapshot, "drive-scsi0.img.fidx", nullptr).value(), std::nullopt);
}

// The third has the first's seed, so that its chunks are among the first's.
TEST(SyntheticDatastore, OffersSeveralImages) {
  const CryptConfig key = counting_key();
  const std::vector<SyntheticImage> images = {
      kSmall, {9 << 20, 0.5, 0, 1, 7}, {3 * kDefaultChunkSize, 0, 0, 1.8, 1}};
  for (const bool encrypted : {false, true}) {
    SyntheticOptions options{images, {}};
    if (encrypted) options.key = key;
    const auto store = make_store(options);
    const SnapshotId snapshot = snapshot_of(*store);
    EXPECT_EQ(store->files(snapshot).value(),
              (std::vector<std::string>{"drive-scsi0.img.fidx", "drive-scsi1.img.fidx",
                                        "drive-scsi2.img.fidx", "index.json.blob", "qemu-server.conf.blob"}));
    for (std::size_t i = 0; i < images.size(); ++i) {
      const std::string archive = SyntheticDatastore::archive_name(i);
      const auto alone = make_store({{images[i]}, options.key});
      const auto expected = alone->known_image_sha256(snapshot, "drive-scsi0.img.fidx");
      EXPECT_EQ(store->known_image_sha256(snapshot, archive), expected);
      EXPECT_EQ(image_sha256(*store, snapshot, archive, &key).value(), expected);
    }
    EXPECT_EQ(store->known_image_sha256(snapshot, "drive-scsi3.img.fidx"), std::nullopt);
    EXPECT_EQ(store->chunk(Digest{}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(store->chunk_bytes(Digest{}), 0U);
    EXPECT_EQ(store->cached_chunk(Digest{}), nullptr);
  }
}

TEST(SyntheticDatastore, SharesTheCacheAmongItsImages) {
  SyntheticOptions options{{{16ULL << 20, 0, 0, 1, 1}, {16ULL << 20, 0, 0, 1, 2}}, {}};
  options.cache_bytes_max = 22ULL << 20;
  EXPECT_EQ(make_store(options)->cached_bytes(), 5 * (kDefaultChunkSize + kBlobHeaderSize));
}

TEST(SyntheticDatastore, RefusesImpossibleImages) {
  EXPECT_EQ(SyntheticDatastore::create({}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(SyntheticDatastore::create({{SyntheticImage{0, 0, 0, 1, 1}}, {}}).error().kind,
            ErrorKind::bad_input);
  EXPECT_EQ(SyntheticDatastore::create({{SyntheticImage{1, 0, 0, 0.5, 1}}, {}}).error().kind,
            ErrorKind::bad_input);
}

}  // namespace
}  // namespace depthfinder::mock
