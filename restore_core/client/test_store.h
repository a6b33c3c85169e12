// SPDX-License-Identifier: MIT
// Test support: a small datastore in a directory of its own, with one snapshot (that of plain_snapshot()) of as many
// images as a test wants, for the foreign server. Goes with the object.
#pragma once

#include <filesystem>
#include <string>

#include "restore_core/base/bytes.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/manifest.h"

namespace depthfinder {

class TestStore {
 public:
  TestStore();
  ~TestStore();
  TestStore(const TestStore&) = delete;
  TestStore& operator=(const TestStore&) = delete;

  // An image of that many full chunks of 64 KiB, none like that of another seed.
  void add_image(const std::string& archive, std::size_t chunks, std::uint8_t seed);
  // An index alone, whose chunks are nowhere.
  void add_index(const std::string& archive, const FixedIndex& index);
  // After the last of them.
  void write_manifest();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  [[nodiscard]] std::filesystem::path folder() const;

  std::filesystem::path path_;
  std::vector<ManifestFile> files_;
};

}  // namespace depthfinder
