// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "restore_core/format/repository.h"
#include "restore_core/format/snapshot_name.h"
#include "restore_core/format/test_vectors.h"

namespace depthfinder {
namespace {

class RepositoryVectors : public testing::TestWithParam<TestVector> {};

TEST_P(RepositoryVectors, ParseAsExpected) {
  const auto repository = parse_repository(GetParam().text());
  if (!accepted_as_expected(GetParam(), repository)) return;
  const auto& expect = GetParam().expect();
  EXPECT_EQ(repository->auth_id, expect.at("auth-id"));
  EXPECT_EQ(repository->port, expect.at("port"));
  EXPECT_EQ(repository->store, expect.at("store"));
  const std::string authority = expect.at("host").get<std::string>() + ":" + std::to_string(repository->port);
  EXPECT_EQ(repository->authority(), authority);
  const auto again = parse_repository(repository->to_string());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->to_string(), repository->to_string());
}

INSTANTIATE_TEST_SUITE_P(Vectors, RepositoryVectors, testing::ValuesIn(vectors_of_kind("repository")),
                         vector_test_name);

class SnapshotPathVectors : public testing::TestWithParam<TestVector> {};

TEST_P(SnapshotPathVectors, ParseAsExpected) {
  const auto snapshot = parse_snapshot_name(GetParam().text());
  if (!accepted_as_expected(GetParam(), snapshot)) return;
  EXPECT_EQ(backup_type_name(snapshot->type), GetParam().expect().at("backup-type"));
  EXPECT_EQ(snapshot->id, GetParam().expect().at("backup-id"));
  EXPECT_EQ(snapshot->time_s, GetParam().expect().at("backup-time"));
  EXPECT_EQ(snapshot->to_string(), GetParam().text());
}

INSTANTIATE_TEST_SUITE_P(Vectors, SnapshotPathVectors, testing::ValuesIn(vectors_of_kind("snapshot-path")),
                         vector_test_name);

class NamespaceVectors : public testing::TestWithParam<TestVector> {};

TEST_P(NamespaceVectors, ParseAsExpected) {
  const auto ns = parse_namespace(GetParam().text());
  if (!accepted_as_expected(GetParam(), ns)) return;
  std::string path = GetParam().expect().at("path").get<std::string>();
  if (!path.empty()) path += '/';
  EXPECT_EQ(ns->to_path(), path);
  EXPECT_EQ(ns->to_string(), GetParam().text());
}

INSTANTIATE_TEST_SUITE_P(Vectors, NamespaceVectors, testing::ValuesIn(vectors_of_kind("namespace")),
                         vector_test_name);

class ArchiveNameVectors : public testing::TestWithParam<TestVector> {};

TEST_P(ArchiveNameVectors, CompleteAsExpected) {
  const auto name = complete_archive_name(GetParam().text());
  if (!accepted_as_expected(GetParam(), name)) return;
  EXPECT_EQ(*name, GetParam().expect().at("name"));
  EXPECT_TRUE(archive_kind(*name));
}

INSTANTIATE_TEST_SUITE_P(Vectors, ArchiveNameVectors, testing::ValuesIn(vectors_of_kind("archive-name")),
                         vector_test_name);

}  // namespace
}  // namespace depthfinder
