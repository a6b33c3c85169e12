// SPDX-License-Identifier: MIT
#include "mock_server/datastore/ingest.h"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "mock_server/datastore/directory_datastore.h"
#include "mock_server/datastore/image_digest.h"
#include "restore_core/base/file.h"
#include "restore_core/base/random.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/manifest.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder::mock {
namespace {

namespace fs = std::filesystem;

CryptConfig test_key() {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(7);
  return CryptConfig(bytes);
}

// The store of most tests lacks nearly all of its 65536 chunk directories, because making them takes a while; the last of
// them says that it is no new store. Each test has a group of its own.
class Ingest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    base_ = fs::path(testing::TempDir()) / fmt::format("df_ingest_test.{}", ::getpid());
    fs::remove_all(base_);
    fs::create_directories(base_ / "store/.chunks/ffff");
  }
  static void TearDownTestSuite() { fs::remove_all(base_); }

  static Bytes random_bytes(std::size_t length, std::uint64_t seed) {
    Random random(seed);
    Bytes bytes(length);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
    return bytes;
  }
  static fs::path write_image(const Bytes& bytes) {
    const fs::path path = base_ / "image.raw";
    EXPECT_TRUE(write_file_atomically(path, bytes));
    return path;
  }
  static IngestOptions options_for(std::string_view group, const fs::path& image) {
    IngestOptions options;
    options.image = image;
    options.datastore = base_ / "store";
    options.snapshot = parse_snapshot_name(std::string(group) + "/2025-07-07T08:00:00Z").value();
    return options;
  }
  static std::unique_ptr<DirectoryDatastore> open_store() {
    return DirectoryDatastore::open(base_ / "store").value();
  }

  static inline fs::path base_;
};

TEST_F(Ingest, ReadsBackAsItWas) {
  const CryptConfig key = test_key();
  Bytes with_zero_chunk = random_bytes(9 << 20, 3);
  std::fill_n(with_zero_chunk.begin() + (4 << 20), 4 << 20, std::uint8_t{0});
  Bytes text(5'000'000);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<std::uint8_t>('a' + i / 7 % 20);
  const struct {
    Bytes image;
    std::uint64_t chunks, zero_chunks;
  } kCases[] = {
      {random_bytes(1, 1), 1, 0},
      {random_bytes(4 << 20, 2), 1, 0},
      {random_bytes((4 << 20) + 1, 2), 2, 0},
      {with_zero_chunk, 3, 1},
      {text, 2, 0},
      {Bytes((8 << 20) + 3), 3, 3},
  };
  int group = 0;
  for (const auto& c : kCases)
    for (const CryptConfig* with_key : {static_cast<const CryptConfig*>(nullptr), &key})
      for (const bool compress : {false, true}) {
        IngestOptions options = options_for(fmt::format("vm/{}", ++group), write_image(c.image));
        options.key = with_key;
        options.compress = compress;
        const auto result = ingest_image(options, {}, {});
        ASSERT_TRUE(result) << result.error().message;
        EXPECT_EQ(result->image_bytes, c.image.size());
        EXPECT_EQ(result->chunks, c.chunks);
        EXPECT_EQ(result->zero_chunks, c.zero_chunks);
        EXPECT_EQ(result->image_sha256, sha256(c.image));

        const auto store = open_store();
        const SnapshotId snapshot{{}, options.snapshot};
        EXPECT_EQ(store->owner(snapshot), "root@pam");
        const auto restored = image_sha256(*store, snapshot, options.archive, with_key);
        ASSERT_TRUE(restored) << restored.error().message;
        EXPECT_EQ(*restored, sha256(c.image)) << c.image.size();
      }
}

TEST_F(Ingest, WritesWhatTheManifestSays) {
  const CryptConfig key = test_key();
  IngestOptions options = options_for("host/signed", write_image(random_bytes(10, 1)));
  options.ns = parse_namespace("a/b").value();
  options.key = &key;
  ASSERT_TRUE(ingest_image(options, {}, {}));
  const auto store = open_store();
  const SnapshotId snapshot{options.ns, options.snapshot};
  EXPECT_EQ(store->files(snapshot).value(),
            (std::vector<std::string>{"drive-scsi0.img.fidx", "index.json.blob"}));
  const auto manifest = read_manifest(*store->file(snapshot, kManifestName).value(), &key, options.snapshot);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_TRUE(manifest->signature_checked);
  EXPECT_EQ(manifest->find("drive-scsi0.img.fidx")->crypt_mode, CryptMode::encrypt);
  const auto index = parse_fixed_index(*store->file(snapshot, options.archive).value());
  EXPECT_EQ(index->ctime_s, options.snapshot.time_s);
  EXPECT_EQ(index->digests.at(0), key.keyed_digest(random_bytes(10, 1)));
  EXPECT_TRUE(fs::exists(base_ / "store/.lock"));
}

TEST_F(Ingest, StoresEqualChunksOnce) {
  const Bytes piece = random_bytes(4 << 20, 99);
  Bytes image;
  for (int i = 0; i < 4; ++i) image.insert(image.end(), piece.begin(), piece.end());
  const auto first = ingest_image(options_for("vm/dedup1", write_image(image)), {}, {});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->chunks_written, 1U);
  EXPECT_EQ(first->bytes_written, piece.size() + 12);
  const auto second = ingest_image(options_for("vm/dedup2", base_ / "image.raw"), {}, {});
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->chunks_written, 0U);
  EXPECT_EQ(second->bytes_written, 0U);
}

TEST_F(Ingest, ReadsHolesAsZeros) {
  const fs::path path = base_ / "sparse.raw";
  std::ofstream(path) << "start";
  fs::resize_file(path, 100 << 20);
  Bytes whole(100 << 20);
  std::copy_n("start", 5, whole.begin());
  const auto result = ingest_image(options_for("vm/sparse", path), {}, {});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->zero_chunks, 24U);
  EXPECT_EQ(result->image_sha256, sha256(whole));
}

TEST_F(Ingest, ReportsProgressUpToTheEnd) {
  std::vector<std::uint64_t> done;
  const auto progress = [&](std::uint64_t bytes, std::uint64_t total) {
    EXPECT_EQ(total, (4U << 20) + 1);
    done.push_back(bytes);
  };
  ASSERT_TRUE(
      ingest_image(options_for("vm/progress", write_image(random_bytes((4 << 20) + 1, 1))), progress, {}));
  EXPECT_EQ(done, (std::vector<std::uint64_t>{4 << 20, (4 << 20) + 1}));
}

TEST_F(Ingest, CancelledLeavesNoSnapshot) {
  std::stop_source stop;
  const IngestOptions options = options_for("vm/cancelled", write_image(random_bytes(9 << 20, 1)));
  const auto result = ingest_image(
      options, [&](auto, auto) { stop.request_stop(); }, stop.get_token());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(open_store()->has_snapshot({{}, options.snapshot}));
  EXPECT_TRUE(ingest_image(options, {}, {})) << "the next attempt must not find remains in its way";
}

TEST_F(Ingest, RefusesASnapshotThatExists) {
  IngestOptions options = options_for("vm/twice", write_image(random_bytes(10, 1)));
  ASSERT_TRUE(ingest_image(options, {}, {}));
  options.archive = "drive-scsi1.img.fidx";
  const auto again = ingest_image(options, {}, {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::bad_input);
  EXPECT_NE(again.error().message.find("exists"), std::string::npos) << again.error().message;
  EXPECT_TRUE(open_store()->has_snapshot({{}, options.snapshot}));
}

TEST_F(Ingest, RefusesBadInput) {
  const fs::path image = write_image(random_bytes(10, 1));
  for (const char* archive :
       {"drive-scsi0.img", "drive.didx", "qemu-server.conf.blob", "../x.img.fidx", ".fidx", ""}) {
    IngestOptions options = options_for("vm/bad", image);
    options.archive = archive;
    EXPECT_EQ(ingest_image(options, {}, {}).error().kind, ErrorKind::bad_input) << archive;
  }
  EXPECT_EQ(ingest_image(options_for("vm/bad", base_ / "absent"), {}, {}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(ingest_image(options_for("vm/bad", base_), {}, {}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(ingest_image(options_for("vm/bad", write_image({})), {}, {}).error().kind, ErrorKind::bad_input);

  IngestOptions climbing = options_for("vm/bad", write_image(random_bytes(10, 1)));
  climbing.snapshot.id = "../../escaped";
  EXPECT_EQ(ingest_image(climbing, {}, {}).error().kind, ErrorKind::bad_input);
  climbing = options_for("vm/bad", base_ / "image.raw");
  climbing.ns.components = {".."};
  EXPECT_EQ(ingest_image(climbing, {}, {}).error().kind, ErrorKind::bad_input);
}

TEST_F(Ingest, LeavesForeignDirectoriesAlone) {
  IngestOptions options = options_for("vm/1", write_image(random_bytes(10, 1)));
  options.datastore = base_ / "foreign";
  fs::create_directories(options.datastore);
  std::ofstream(options.datastore / "letter.txt") << "dear";
  EXPECT_EQ(ingest_image(options, {}, {}).error().kind, ErrorKind::bad_input);
  EXPECT_FALSE(fs::exists(options.datastore / ".chunks"));
}

// A reader that shares no code with this project restores an uncompressed image from the directory.
TEST_F(Ingest, AnIndependentReaderAgrees) {
  if (std::system("python3 -c pass") != 0) GTEST_SKIP() << "there is no python3";
  Bytes image = random_bytes(9 << 20, 12);
  std::fill_n(image.begin(), 4 << 20, std::uint8_t{0});
  IngestOptions options = options_for("vm/python", write_image(image));
  options.compress = false;
  options.datastore = base_ / "whole";  // a new store, with all its directories
  ASSERT_TRUE(ingest_image(options, {}, {}));
  const std::string command =
      fmt::format("python3 '{}/mock_server/datastore/testdata/restore_plain.py' '{}' '{}' '{}' {}",
                  DEPTHFINDER_SOURCE_DIR, options.datastore.string(), options.snapshot.to_string(),
                  options.archive, to_hex(sha256(image)));
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace depthfinder::mock
