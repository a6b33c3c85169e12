// SPDX-License-Identifier: MIT
#include "mock_server/datastore/directory_datastore.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mock_server/datastore/image_digest.h"
#include "restore_core/base/file.h"
#include "restore_core/format/key_file.h"

namespace depthfinder::mock {
namespace {

namespace fs = std::filesystem;

const fs::path kVectors = fs::path(DEPTHFINDER_SOURCE_DIR) / "restore_core/format/testdata/vectors";

std::unique_ptr<DirectoryDatastore> open_store(const fs::path& path) {
  auto store = DirectoryDatastore::open(path);
  EXPECT_TRUE(store) << (store ? "" : store.error().message);
  return std::move(store).value();
}

std::vector<std::string> spelled_out(const Datastore& store) {
  std::vector<std::string> texts;
  const auto snapshots = store.snapshots().value();
  for (const SnapshotId& snapshot : snapshots)
    texts.push_back(snapshot.ns.to_string() + ":" + snapshot.name.to_string());
  return texts;
}

SnapshotId snapshot_id(std::string_view ns, std::string_view name) {
  return {parse_namespace(ns).value(), parse_snapshot_name(name).value()};
}

CryptConfig real_key() {
  const Bytes json = read_file(kVectors / "real-store-key-none.json", 4096).value();
  return read_key_file(json, [] { return Result<std::string>(""); }).value();
}

TEST(DirectoryDatastore, ListsEveryNamespaceInOrder) {
  const auto store = open_store(kVectors / "store");
  EXPECT_EQ(store->name(), "store");
  EXPECT_EQ(
      spelled_out(*store),
      (std::vector<std::string>{":host/elsa/2020-06-26T13:56:05Z", ":host/elsa/2020-06-26T14:56:05Z",
                                ":vm/100/2024-05-17T08:00:00Z", ":vm/100/2024-05-18T08:00:00Z",
                                ":vm/100/2024-05-19T08:00:00Z", "team-a/prod:vm/101/2024-05-17T09:00:00Z"}));
}

TEST(DirectoryDatastore, ReadsFilesOwnersAndChunks) {
  const auto store = open_store(kVectors / "real-store");
  const SnapshotId snapshot = snapshot_id("", "vm/900/2026-11-24T03:39:11Z");
  EXPECT_EQ(store->owner(snapshot), "user@pbs!tok");
  EXPECT_EQ(store->files(snapshot).value(),
            (std::vector<std::string>{"drive-scsi0.img.fidx", "index.json.blob"}));
  EXPECT_EQ(store->file(snapshot, "drive-scsi0.img.fidx").value()->size(), 4224U);
  EXPECT_EQ(store->file(snapshot, "absent.blob").error().kind, ErrorKind::not_found);
  EXPECT_FALSE(store->has_snapshot(snapshot_id("", "vm/900/2026-11-24T03:39:12Z")));
  EXPECT_FALSE(store->has_snapshot(snapshot_id("a", "vm/900/2026-11-24T03:39:11Z")));

  const Digest zero =
      digest_from_hex("bb9f8df61474d25e71fa00722318cd387396ca1736605e1248821cc0de3d3af8").value();
  const auto first = store->chunk(zero), second = store->chunk(zero);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second) << "the second one comes from the cache";
  const auto absent = store->chunk(Digest{});
  EXPECT_EQ(absent.error().kind, ErrorKind::not_found);
  EXPECT_NE(absent.error().message.find(".chunks/0000/" + std::string(64, '0')), std::string::npos)
      << absent.error().message;
}

TEST(DirectoryDatastore, RestoresWhatTheRealServerWrote) {
  const auto store = open_store(kVectors / "real-store");
  const CryptConfig key = real_key();
  for (const char* name :
       {"vm/900/2026-11-24T03:39:11Z", "vm/901/2026-11-24T03:38:44Z", "vm/902/2026-11-24T03:38:44Z"}) {
    const auto digest = image_sha256(*store, snapshot_id("", name), "drive-scsi0.img.fidx", &key);
    ASSERT_TRUE(digest && *digest) << name;
    EXPECT_EQ(to_hex(**digest), "1977db9d85c6970d666266f414aba1057f895591b60cb7d723accc04789b67ca") << name;
  }
  const SnapshotId encrypted = snapshot_id("", "vm/901/2026-11-24T03:38:44Z");
  EXPECT_EQ(image_sha256(*store, encrypted, "drive-scsi0.img.fidx", nullptr).value(), std::nullopt);
}

TEST(DirectoryDatastore, DescribesWithAndWithoutTheKey) {
  const auto store = open_store(kVectors / "real-store");
  const CryptConfig key = real_key();
  const auto with = describe_snapshots(*store, &key), without = describe_snapshots(*store, nullptr);
  ASSERT_TRUE(with && without);
  ASSERT_EQ(with->size(), 4U);
  // 900 plain, 901 encrypted, 902 signed, 903 encrypted with another key
  for (std::size_t i = 0; i < 4; ++i) {
    for (const auto* infos : {&*with, &*without}) {
      ASSERT_EQ((*infos)[i].archives.size(), 1U) << i;
      EXPECT_EQ((*infos)[i].archives[0].name, "drive-scsi0.img.fidx");
      EXPECT_EQ((*infos)[i].archives[0].size_bytes, 13383689U);
    }
    EXPECT_EQ((*with)[i].archives[0].image_sha256.has_value(), i != 3) << i;
    EXPECT_EQ((*without)[i].archives[0].image_sha256.has_value(), i == 0) << i;
  }
}

TEST(DirectoryDatastore, LeavesDigestsOutBeyondTheLimit) {
  const auto store = open_store(kVectors / "real-store");
  const auto infos = describe_snapshots(*store, nullptr, 13383688);
  ASSERT_TRUE(infos);
  EXPECT_EQ(infos->at(0).archives.at(0).image_sha256, std::nullopt);
}

TEST(StoreName, IsAlwaysASafeIdOfThreeToThirtyTwoCharacters) {
  const struct {
    const char* directory;
    const char* name;
  } kCases[] = {
      {"/pool/backups", "backups"},
      {"/pool/backups/", "backups"},
      {"/pool/My Store", "My_Store"},
      {"/a", "a-store"},
      {"/pool/.hidden", "_hidden"},
      {"/pool/-x-", "_x-"},
      {"/", "_-store"},
      {"/pool/0123456789012345678901234567890123456789", "01234567890123456789012345678901"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(store_name_from(c.directory), c.name) << c.directory;
    EXPECT_TRUE(is_safe_id(store_name_from(c.directory)));
  }
}

// A store that somebody hostile has been in, beside a secret it must not give away.
class HostileDirectory : public testing::Test {
 protected:
  void SetUp() override {
    base_ = fs::path(testing::TempDir()) / fmt::format("df_hostile_store.{}", ::getpid());
    fs::remove_all(base_);
    fs::create_directories(base_ / "store/.chunks/0000");
    fs::create_directories(snapshot_directory());
    std::ofstream(base_ / "secret.blob") << "secret";
    fs::create_directories(base_ / "outside/vm/1/2024-05-17T08:00:00Z");
  }
  void TearDown() override { fs::remove_all(base_); }
  [[nodiscard]] fs::path snapshot_directory() const { return base_ / "store/vm/100/2024-05-17T08:00:00Z"; }

  fs::path base_;
  const SnapshotId snapshot_ = snapshot_id("", "vm/100/2024-05-17T08:00:00Z");
};

TEST_F(HostileDirectory, ListsOnlyWhatLooksLikeASnapshot) {
  for (const char* name : {"vm/-x/2024-05-17T08:00:00Z", "vm/a b/2024-05-17T08:00:00Z", "vm/100/latest",
                           "vm/100/2024-13-17T08:00:00Z", "vm/100/2024-05-17T08:00:00Z.tmp",
                           "qemu/1/2024-05-17T08:00:00Z", "ns/.x/vm/1/2024-05-17T08:00:00Z"})
    fs::create_directories(base_ / "store" / name);
  std::ofstream(base_ / "store/vm/100/2024-05-18T08:00:00Z") << "a file";
  const auto store = open_store(base_ / "store");
  EXPECT_EQ(spelled_out(*store), std::vector<std::string>{":vm/100/2024-05-17T08:00:00Z"});
}

TEST_F(HostileDirectory, DoesNotDescendForever) {
  fs::path deep = base_ / "store";
  for (int level = 1; level <= 9; ++level) {
    deep /= "ns/a";
    fs::create_directories(deep / "vm/1/2024-05-17T08:00:00Z");
  }
  EXPECT_EQ(open_store(base_ / "store")->snapshots()->size(), 1U + 7U);
}

TEST_F(HostileDirectory, FollowsNoLinks) {
  fs::create_symlink(base_ / "secret.blob", snapshot_directory() / "linked.blob");
  fs::create_directory_symlink(base_ / "outside/vm/1", base_ / "store/vm/1");
  fs::create_directory_symlink(base_ / "outside", base_ / "store/ns");
  fs::create_symlink(base_ / "secret.blob", base_ / "store/.chunks/0000" / std::string(64, '0'));
  fs::create_symlink(base_ / "secret.blob", base_ / "store/vm/100/owner");
  const auto store = open_store(base_ / "store");
  EXPECT_EQ(spelled_out(*store), std::vector<std::string>{":vm/100/2024-05-17T08:00:00Z"});
  EXPECT_FALSE(store->has_snapshot(snapshot_id("", "vm/1/2024-05-17T08:00:00Z")));
  EXPECT_EQ(store->file(snapshot_, "linked.blob").error().kind, ErrorKind::io);
  EXPECT_EQ(store->chunk(Digest{}).error().kind, ErrorKind::io);
  EXPECT_EQ(store->owner(snapshot_), "root@pam");
}

TEST_F(HostileDirectory, BuildsNoPathFromWhatIsNoName) {
  const auto store = open_store(base_ / "store");
  for (const char* name : {"../../../../secret.blob", "..", ".", "", "/etc/passwd", "a/b.blob", "-x.blob"})
    EXPECT_EQ(store->file(snapshot_, name).error().kind, ErrorKind::bad_input) << name;
  SnapshotId climbing = snapshot_;
  climbing.name.id = "../../outside/vm/1";
  EXPECT_FALSE(store->has_snapshot(climbing));
  climbing = snapshot_;
  climbing.ns.components = {".."};
  EXPECT_EQ(store->files(climbing).error().kind, ErrorKind::bad_input);
}

TEST_F(HostileDirectory, RefusesWhatIsNoRegularFileWithoutWaiting) {
  ASSERT_EQ(::mkfifo((snapshot_directory() / "pipe.blob").c_str(), 0600), 0);
  fs::create_directory(snapshot_directory() / "directory.blob");
  const auto store = open_store(base_ / "store");
  EXPECT_EQ(store->file(snapshot_, "pipe.blob").error().kind, ErrorKind::io);
  EXPECT_EQ(store->file(snapshot_, "directory.blob").error().kind, ErrorKind::io);
}

TEST_F(HostileDirectory, ListsABrokenSnapshotWithoutArchives) {
  std::ofstream(snapshot_directory() / "index.json.blob") << "no blob at all";
  const auto infos = describe_snapshots(*open_store(base_ / "store"), nullptr);
  ASSERT_TRUE(infos);
  ASSERT_EQ(infos->size(), 1U);
  EXPECT_EQ(infos->at(0).snapshot, "vm/100/2024-05-17T08:00:00Z");
  EXPECT_TRUE(infos->at(0).archives.empty());
}

TEST(DirectoryDatastore, RefusesWhatIsNoDatastore) {
  EXPECT_EQ(DirectoryDatastore::open(kVectors / "absent").error().kind, ErrorKind::not_found);
  EXPECT_EQ(DirectoryDatastore::open(kVectors / "keys").error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace depthfinder::mock
