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
  static fs::path write_image(const Bytes& bytes, std::string_view name = "image.raw") {
    const fs::path path = base_ / name;
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

// The second begins as the first does, the third is mostly zeros; all end in a partial chunk.
std::vector<Bytes> three_images(const Bytes& first) {
  Bytes second(first.begin(), first.begin() + (4 << 20));
  second.resize((4 << 20) + 7, std::uint8_t{9});
  Bytes third((12 << 20) + 1);
  third[5 << 20] = 1;
  return {first, second, third};
}

TEST_F(Ingest, PutsSeveralImagesIntoOneSnapshot) {
  const CryptConfig key = test_key();
  const std::vector<Bytes> images = three_images(random_bytes((8 << 20) + 5, 21));
  const std::string kArchives[] = {"drive-scsi0.img.fidx", "drive-virtio1.img.fidx", "efidisk.img.fidx"};
  const std::uint64_t kChunks[] = {3, 2, 4}, kZeroChunks[] = {0, 0, 3};
  for (const CryptConfig* with_key : {static_cast<const CryptConfig*>(nullptr), &key}) {
    IngestOptions options =
        options_for(with_key != nullptr ? "vm/three-signed" : "vm/three", write_image(images[0], "0.raw"));
    options.key = with_key;
    options.more = {{write_image(images[1], "1.raw"), kArchives[1]},
                    {write_image(images[2], "2.raw"), kArchives[2]}};
    const auto results = ingest_images(options, {}, {});
    ASSERT_TRUE(results) << results.error().message;
    ASSERT_EQ(results->size(), images.size());
    EXPECT_EQ(results->at(0).chunks_written, 3U);
    EXPECT_EQ(results->at(1).chunks_written, 1U) << "its other chunk is the first image's as well";

    const auto store = open_store();
    const SnapshotId snapshot{{}, options.snapshot};
    const auto manifest =
        read_manifest(*store->file(snapshot, kManifestName).value(), with_key, options.snapshot);
    ASSERT_TRUE(manifest) << manifest.error().message;
    EXPECT_EQ(manifest->signature_checked, with_key != nullptr);
    for (std::size_t i = 0; i < images.size(); ++i) {
      EXPECT_EQ(results->at(i).image_bytes, images[i].size());
      EXPECT_EQ(results->at(i).chunks, kChunks[i]);
      EXPECT_EQ(results->at(i).zero_chunks, kZeroChunks[i]);
      EXPECT_EQ(results->at(i).image_sha256, sha256(images[i]));
      EXPECT_EQ(manifest->find(kArchives[i])->size_bytes, images[i].size());
      EXPECT_EQ(image_sha256(*store, snapshot, kArchives[i], with_key).value(), sha256(images[i]));
    }
  }
}

TEST_F(Ingest, CancelledInASecondImageLeavesNoSnapshot) {
  IngestOptions options = options_for("vm/cancelled2", write_image(random_bytes(9 << 20, 1)));
  options.more = {{write_image(random_bytes((4 << 20) + 1, 2), "second.raw"), "drive-scsi1.img.fidx"}};
  std::stop_source stop;
  const auto stop_in_second = [&](std::uint64_t /*done*/, std::uint64_t total) {
    if (total == (4U << 20) + 1) stop.request_stop();
  };
  const auto results = ingest_images(options, stop_in_second, stop.get_token());
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(open_store()->has_snapshot({{}, options.snapshot}));
  EXPECT_TRUE(ingest_images(options, {}, {})) << "the next attempt must not find remains in its way";
}

TEST_F(Ingest, RefusesSeveralImagesBeforeAnythingIsWritten) {
  const fs::path image = write_image(random_bytes(10, 1));
  const struct {
    IngestImage second;
    ErrorKind kind;
    const char* named;
  } kCases[] = {
      {{image, "drive-scsi0.img.fidx"}, ErrorKind::bad_input, "drive-scsi0.img.fidx"},
      {{image, "b.img"}, ErrorKind::bad_input, "b.img"},
      {{base_ / "absent", "b.img.fidx"}, ErrorKind::not_found, "absent"},
  };
  for (const auto& c : kCases) {
    IngestOptions options = options_for("vm/refused", image);
    options.datastore = base_ / "never";
    options.more = {c.second};
    const auto results = ingest_images(options, {}, {});
    ASSERT_FALSE(results);
    EXPECT_EQ(results.error().kind, c.kind) << results.error().message;
    EXPECT_NE(results.error().message.find(c.named), std::string::npos) << results.error().message;
    EXPECT_FALSE(fs::exists(options.datastore));
  }
}

TEST_F(Ingest, WritesThroughNoLinkInsideTheStore) {
  const fs::path elsewhere = base_ / "elsewhere";
  const fs::path image = write_image(random_bytes(1000, 77), "linked.raw");
  const std::string prefix = to_hex(sha256(read_file(image, 1000).value())).substr(0, 4);
  const struct {
    const char* store;
    std::string link;
  } cases[] = {{"linked-chunks", ".chunks"},
               {"linked-prefix", ".chunks/" + prefix},
               {"linked-type", "vm"},
               {"linked-group", "vm/1"}};
  for (const auto& c : cases) {
    fs::remove_all(elsewhere);
    fs::create_directories(elsewhere / "ffff");  // a link to a whole chunk store would otherwise do
    const fs::path link = base_ / c.store / c.link;
    fs::create_directories(link.parent_path());
    if (c.link != ".chunks") fs::create_directories(base_ / c.store / ".chunks/ffff");
    fs::create_directory_symlink(elsewhere, link);
    IngestOptions options = options_for("vm/1", image);
    options.datastore = base_ / c.store;
    const auto refused = ingest_image(options, {}, {});
    ASSERT_FALSE(refused) << c.link;
    EXPECT_EQ(refused.error().kind, ErrorKind::bad_input);
    EXPECT_NE(refused.error().message.find(link.string()), std::string::npos) << refused.error().message;
    EXPECT_EQ(std::distance(fs::recursive_directory_iterator(elsewhere), {}), 1) << c.link;
  }
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
