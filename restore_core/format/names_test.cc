// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "restore_core/format/repository.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder {
namespace {

TEST(Utc, RoundTrips) {
  const std::pair<std::int64_t, std::string_view> cases[] = {
      {0, "1970-01-01T00:00:00Z"},          {1, "1970-01-01T00:00:01Z"},
      {951782400, "2000-02-29T00:00:00Z"},  {1715932800, "2024-05-17T08:00:00Z"},
      {4107542399, "2100-02-28T23:59:59Z"}, {253402300799, "9999-12-31T23:59:59Z"}};
  for (const auto& [time_s, text] : cases) {
    EXPECT_EQ(format_utc(time_s), text);
    EXPECT_EQ(parse_utc(text).value(), time_s);
  }
}

TEST(Utc, ImpossibleTimesAreRefused) {
  for (const std::string_view text :
       {"", "2023-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2024-00-01T00:00:00Z", "2024-04-31T00:00:00Z",
        "2024-05-17T24:00:00Z", "2024-05-17T00:60:00Z", "2024-05-17T00:00:60Z", "2024-05-17t00:00:00Z",
        "2024-05-17T00:00:00z", "+024-05-17T00:00:00Z", "2024-05-17T00:00: 1Z", "12024-05-17T00:00:00Z"})
    EXPECT_FALSE(parse_utc(text)) << text;
}

TEST(SnapshotName, TheEpochIsNoSnapshot) {
  EXPECT_FALSE(parse_snapshot_name("vm/100/1970-01-01T00:00:00Z"));
  EXPECT_FALSE(parse_snapshot_name("vm/100/1969-12-31T23:59:59Z"));
}

TEST(ArchiveName, ExtensionDecides) {
  EXPECT_EQ(archive_kind("a.fidx").value(), ArchiveKind::fixed_index);
  EXPECT_EQ(archive_kind("a.didx").value(), ArchiveKind::dynamic_index);
  EXPECT_EQ(archive_kind("a.fidx.blob").value(), ArchiveKind::blob);
  for (const std::string_view name : {"", "fidx", ".fidx", "a.img", "a.FIDX", "a/b.fidx", "a.fidx "})
    EXPECT_FALSE(archive_kind(name)) << name;
  EXPECT_FALSE(archive_kind(std::string(251, 'x') + ".fidx"));
  EXPECT_FALSE(complete_archive_name("../drive.img"));
}

TEST(Repository, PartsAreToldApart) {
  const Repository all = parse_repository("a!b@c@pbs!tok@[::1]:1:store").value();
  EXPECT_EQ(all.auth_id, "a!b@c@pbs!tok");
  EXPECT_EQ(all.host, "::1");
  EXPECT_EQ(all.port, 1);
  EXPECT_EQ(all.store, "store");
  EXPECT_TRUE(all.uses_token());
  EXPECT_EQ(all.to_string(), "a!b@c@pbs!tok@[::1]:1:store");
  EXPECT_FALSE(parse_repository("store")->uses_token());
}

TEST(Repository, WhatIsWrongIsNotRepeated) {
  for (const std::string_view text :
       {"root@pam:hunter2@host:store", "root:hunter2@host:8007:store", "https://root:hunter2@host:8007/store",
        "root@pam!token=hunter2@host:store", "root@pam@host:hunter2:store", "root@pam@host:8007:-hunter2",
        "root@pam@hunter2_:8007:store"}) {
    const auto repository = parse_repository(text);
    ASSERT_FALSE(repository) << text;
    EXPECT_EQ(repository.error().message.find("hunter2"), std::string::npos) << repository.error().message;
  }
}

TEST(SnapshotName, OnlyWhatAPathCanNameIsOne) {
  EXPECT_TRUE(is_snapshot_name({BackupType::vm, "100", 1}));
  EXPECT_TRUE(is_snapshot_name({BackupType::vm, std::string(255, 'x'), kSnapshotTimeMax}));
  for (const SnapshotName& name :
       {SnapshotName{BackupType::vm, "..", 1}, SnapshotName{BackupType::vm, "a/b", 1},
        SnapshotName{BackupType::vm, std::string("a\0b", 3), 1}, SnapshotName{BackupType::vm, "", 1},
        SnapshotName{BackupType::vm, std::string(256, 'x'), 1}, SnapshotName{BackupType::vm, "a", 0},
        SnapshotName{BackupType::vm, "a", kSnapshotTimeMax + 1}})
    EXPECT_FALSE(is_snapshot_name(name)) << name.id << " " << name.time_s;
  EXPECT_FALSE(parse_snapshot_name("vm/" + std::string(256, 'x') + "/2024-05-17T08:00:00Z"));
}

TEST(Repository, Refusals) {
  for (const std::string_view text :
       {"host:0:store", "host:65536:store", "host:-1:store",     "host::store",
        "@host:store",  "u@@host:store",    "u@pbs!@host:store", "@pbs@host:store",
        "u@pbs@:store", "-host:store",      "host-:store",       "a..b:store",
        "[::1:store",   "::1]:store",       "[]:store",          "[fe80::1%eth0]:store",
        "[g::]:store",  "host:80:-store",   "ho_st:store",       "u/x@pbs@host:store"}) {
    const auto repository = parse_repository(text);
    EXPECT_FALSE(repository) << text;
  }
}

}  // namespace
}  // namespace depthfinder
