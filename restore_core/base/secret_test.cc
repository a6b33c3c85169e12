// SPDX-License-Identifier: MIT
#include "restore_core/base/secret.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TEST(Secret, HoldsTextWithANulBehindIt) {
  Secret secret;
  EXPECT_TRUE(secret.empty());
  EXPECT_STREQ(secret.c_str(), "");
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    secret.append(std::string(static_cast<std::size_t>(i % 37), static_cast<char>('a' + i % 26)));
    expected.append(static_cast<std::size_t>(i % 37), static_cast<char>('a' + i % 26));
    ASSERT_EQ(secret.text(), expected);
    ASSERT_EQ(secret.c_str()[secret.size()], '\0');
  }
  secret.append(secret.text());
  EXPECT_EQ(secret.text(), expected + expected);
  secret.resize(3);
  EXPECT_EQ(secret.text(), expected.substr(0, 3));
  secret.clear();
  EXPECT_TRUE(secret.empty());
}

TEST(Secret, CopiesAndMovesAsAValue) {
  Secret a = "first", b = std::string("second");
  Secret c = a;
  EXPECT_EQ(c.text(), "first");
  c = b;
  EXPECT_EQ(c.text(), "second");
  c = *&c;
  EXPECT_EQ(c.text(), "second");
  c = std::move(a);
  EXPECT_EQ(c.text(), "first");
  EXPECT_TRUE(a.empty()) << "nothing is left in what was moved from";
  c = "third";
  EXPECT_EQ(c.text(), "third");
}

TEST(Secret, CannotBeComparedByAccident) {
  static_assert(!std::equality_comparable<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
}

// The flags that the kernel shows of the mapping at `place`; empty when nothing is mapped there.
std::string mapping_flags(const void* place) {
  std::ifstream maps("/proc/self/smaps");
  const auto address = reinterpret_cast<std::uintptr_t>(place);
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) inside = begin <= address && address < end;
    if (inside && line.starts_with("VmFlags:")) return line;
  }
  return {};
}

TEST(Secret, IsLeftOutOfCoreDumpsAndUnmappedAfterwards) {
  const void* place = nullptr;
  {
    const Secret secret = "marker";
    place = secret.c_str();
    EXPECT_NE(mapping_flags(place).find(" dd"), std::string::npos) << mapping_flags(place);
  }
  EXPECT_EQ(mapping_flags(place), "");
}

TEST(Secret, CleanseLeavesZeros) {
  std::string text(100, 'x');
  cleanse(text.data(), 60);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\0'), 60);
}

}  // namespace
}  // namespace depthfinder
