// SPDX-License-Identifier: MIT
#include "harness/profile/stored_profile.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "harness/host_profile.h"
#include "harness/profile/profile_json.h"
#include "harness/profile/sample_profile.h"
#include "harness/temporary_directory.h"
#include "harness/version.h"
#include "restore_core/base/file.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

namespace fs = std::filesystem;

// A profile that this host could have made.
Profile own_profile() {
  Profile profile = sample_profile();
  profile.tool_version = tool_info().version;
  profile.host = host_info();
  std::erase_if(profile.stages, [](const StageCost& stage) { return stage.lanes > 1; });
  for (StageCost& stage : profile.stages)
    if (stage.kind == StageKind::sha256) stage.kernel = sha256_kernel();
  return profile;
}

class StoredProfile : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryDirectory::make();
    ASSERT_TRUE(made);
    directory_.emplace(std::move(*made));
    ::setenv("XDG_CACHE_HOME", (directory_->path() / "cache").c_str(), 1);
  }
  void TearDown() override { ::unsetenv("XDG_CACHE_HOME"); }

  std::optional<TemporaryDirectory> directory_;
};

TEST_F(StoredProfile, IsFoundAgain) {
  EXPECT_FALSE(stored_profile());
  const auto path = store_profile(own_profile());
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(path->parent_path(), directory_->path() / "cache" / "depthfinder");
  const auto found = stored_profile();
  ASSERT_TRUE(found);
  EXPECT_EQ(profile_json(*found), profile_json(own_profile()));
}

TEST_F(StoredProfile, IsOfThisHostOnly) {
  Profile masked = own_profile();
  masked.host.openssl_cpu_settings += " env:~0x20000000";
  ASSERT_TRUE(store_profile(masked));
  Profile older = own_profile();
  older.tool_version = "0.0.0";
  ASSERT_TRUE(store_profile(older));
  EXPECT_FALSE(stored_profile());
}

TEST_F(StoredProfile, IsNotUsedWithoutItsKernels) {
  Profile profile = own_profile();
  profile.stages.push_back(
      {.kind = StageKind::sha256, .ns_per_byte = 0.001, .kernel = "lanes-of-another-cpu"});
  ASSERT_TRUE(store_profile(profile));
  EXPECT_FALSE(stored_profile());
}

TEST_F(StoredProfile, IsNotUsedWhenBroken) {
  const auto path = store_profile(own_profile());
  ASSERT_TRUE(path);
  ASSERT_TRUE(write_file_atomically(*path, as_bytes("{")));
  EXPECT_FALSE(stored_profile());
}

TEST_F(StoredProfile, SaysWhenItCannotBeKept) {
  ASSERT_TRUE(write_file_atomically(directory_->path() / "cache", as_bytes("a file in the way")));
  const auto path = store_profile(own_profile());
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().kind, ErrorKind::io);
  EXPECT_FALSE(stored_profile());
}

TEST_F(StoredProfile, TheCacheDirectoryIsWhereTheEnvironmentSays) {
  const char* const home_before = std::getenv("HOME");
  const std::string home = home_before == nullptr ? "" : home_before;
  ::setenv("HOME", "/home/somebody", 1);
  ::setenv("XDG_CACHE_HOME", "/var/cache/somebody", 1);
  EXPECT_EQ(profile_cache_directory(), fs::path("/var/cache/somebody/depthfinder"));
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(profile_cache_directory(), fs::path("/home/somebody/.cache/depthfinder"));
  ::unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(profile_cache_directory(), fs::path("/home/somebody/.cache/depthfinder"));
  ::unsetenv("HOME");
  EXPECT_FALSE(profile_cache_directory());
  EXPECT_FALSE(store_profile(own_profile()));
  if (home_before != nullptr) ::setenv("HOME", home.c_str(), 1);
}

}  // namespace
}  // namespace depthfinder
