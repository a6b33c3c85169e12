// SPDX-License-Identifier: MIT
#include "restore_core/hash/lane_hasher.h"

#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

// Bytes that differ everywhere, so that a lane which reads its neighbour's, or a word too far, is noticed.
Bytes noise(std::size_t size) {
  Bytes bytes(size);
  std::uint32_t state = 1;
  for (std::uint8_t& byte : bytes)
    byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  return bytes;
}
const Bytes& pool() {
  static const Bytes bytes = noise(1 << 20);
  return bytes;
}
ByteSpan piece(std::size_t offset, std::size_t size) { return ByteSpan(pool()).subspan(offset, size); }

void expect_exact(const LaneHasher& hasher, const std::vector<LaneMessage>& messages,
                  const std::string& what) {
  std::vector<Digest> digests(messages.size());
  hasher.hash(messages, digests);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const LaneMessage& message = messages[i];
    ASSERT_EQ(to_hex(digests[i]), to_hex(sha256({message.body, message.suffix})))
        << what << ": message " << i << " of " << messages.size() << ", " << message.body.size() << " + "
        << message.suffix.size() << " bytes";
  }
}

std::vector<LaneKernel> present() { return available_kernels(openssl_cpu_settings()); }

// Every kernel alone; all with the costs that were measured; and all with costs that make each the first choice for some
// number of messages, so that messages change kernels on their way.
std::vector<std::pair<std::string, LaneHasher>> hashers() {
  std::vector<std::pair<std::string, LaneHasher>> result;
  for (const LaneKernel& kernel : present())
    result.emplace_back(kernel.name, LaneHasher::only(kernel.name).value());
  result.emplace_back("measured", LaneHasher::measured());
  std::vector<LaneKernel> stepwise = present();
  for (LaneKernel& kernel : stepwise) kernel.ns_per_byte = 1 + 1.0 / kernel.lanes;
  result.emplace_back("stepwise", LaneHasher(std::move(stepwise)));
  return result;
}

class LaneHasherTest : public testing::Test {
 protected:
  template <typename Body>
  static void with_each(Body body) {
    for (const auto& [name, hasher] : hashers()) {
      body(hasher, name);
      if (HasFatalFailure()) return;
    }
  }
};

TEST_F(LaneHasherTest, KnownAnswers) {
  // The examples of FIPS 180-4, and a million times "a".
  const std::string million(1000000, 'a');
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopq"
       "rstnopqrstu",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
      {million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  with_each([&](const LaneHasher& hasher, const std::string& name) {
    std::vector<LaneMessage> messages;
    for (const auto& [text, hex] : cases) messages.push_back({as_bytes(text), {}});
    std::vector<Digest> digests(messages.size());
    hasher.hash(messages, digests);
    for (std::size_t i = 0; i < messages.size(); ++i) EXPECT_EQ(to_hex(digests[i]), cases[i].second) << name;
  });
}

TEST_F(LaneHasherTest, EveryLengthAroundTheFirstBlocks) {
  with_each([](const LaneHasher& hasher, const std::string& name) {
    std::vector<LaneMessage> messages;
    for (std::size_t length = 0; length <= 300; ++length) messages.push_back({piece(length, length), {}});
    expect_exact(hasher, messages, name);
    for (const LaneMessage& message : messages) expect_exact(hasher, {message}, name + ", alone");
  });
}

TEST_F(LaneHasherTest, AroundBlockBordersAndUnaligned) {
  with_each([](const LaneHasher& hasher, const std::string& name) {
    std::vector<LaneMessage> messages;
    for (const std::size_t blocks : {8U, 63U, 64U, 65U, 1024U})
      for (std::size_t more = 0; more < 5; ++more)
        messages.push_back({piece(3 * messages.size() + 1, blocks * 64 + more - 2), {}});
    expect_exact(hasher, messages, name);
  });
}

TEST_F(LaneHasherTest, SuffixesOfAnyLength) {
  with_each([](const LaneHasher& hasher, const std::string& name) {
    std::vector<LaneMessage> messages;
    for (const std::size_t suffix :
         {1U, 8U, 32U, 55U, 56U, 63U, 64U, 65U, 119U, 120U, 127U, 128U, 129U, 300U})
      for (const std::size_t body : {0U, 1U, 23U, 24U, 31U, 32U, 33U, 55U, 63U, 64U, 65U, 127U, 4096U})
        messages.push_back({piece(messages.size(), body), piece(70000 + messages.size(), suffix)});
    expect_exact(hasher, messages, name);
  });
}

TEST_F(LaneHasherTest, KeyedAtEveryBoundary) {
  with_each([](const LaneHasher& hasher, const std::string& name) {
    std::vector<LaneMessage> messages;
    for (std::size_t body = 0; body <= 200; ++body) messages.push_back({piece(body, body), piece(5, 32)});
    expect_exact(hasher, messages, name);
  });
}

TEST_F(LaneHasherTest, BatchesOfAnySize) {
  with_each([](const LaneHasher& hasher, const std::string& name) {
    for (std::size_t size = 0; size <= 40; ++size) {
      std::vector<LaneMessage> equal, unequal;
      for (std::size_t i = 0; i < size; ++i) {
        equal.push_back({piece(i * 4096, 4096), {}});
        unequal.push_back({piece(i * 5000, (i * 7919) % 5000), i % 3 == 0 ? piece(i, 32) : ByteSpan{}});
      }
      expect_exact(hasher, equal, name + ", equal");
      expect_exact(hasher, unequal, name + ", unequal");
    }
  });
}

TEST_F(LaneHasherTest, SameBytesInSeveralLanes) {
  with_each([](const LaneHasher& hasher, const std::string& name) {
    const std::vector<LaneMessage> same(20, LaneMessage{piece(7, 70001), piece(7, 32)});
    expect_exact(hasher, same, name);
    std::vector<LaneMessage> overlapping;
    for (std::size_t i = 0; i < 20; ++i) overlapping.push_back({piece(i, 9000), {}});
    expect_exact(hasher, overlapping, name);
  });
}

// Reads past the end of a message show here under AddressSanitizer: every message has an allocation of its own size.
TEST_F(LaneHasherTest, StaysWithinTheMessages) {
  std::vector<Bytes> owned;
  for (std::size_t i = 0; i < 33; ++i) owned.emplace_back(i * 61, static_cast<std::uint8_t>(i));
  for (Bytes& bytes : owned) bytes.shrink_to_fit();
  with_each([&](const LaneHasher& hasher, const std::string& name) {
    expect_exact(hasher, {owned.begin(), owned.end() - 16}, name);
    std::vector<LaneMessage> messages;
    for (const Bytes& bytes : owned) messages.push_back({bytes, owned[1]});
    expect_exact(hasher, messages, name);
  });
}

RC_GTEST_PROP(LaneHasherProperty, AnyBatchIsExact, ()) {
  static const auto all = hashers();
  const auto& [name, hasher] = all[*rc::gen::inRange<std::size_t>(0, all.size())];
  const auto lengths = *rc::gen::container<std::vector<std::pair<std::uint16_t, std::uint8_t>>>(rc::gen::pair(
      rc::gen::resize(2000, rc::gen::arbitrary<std::uint16_t>()), rc::gen::arbitrary<std::uint8_t>()));
  std::vector<LaneMessage> messages;
  std::vector<Digest> expected, digests(lengths.size());
  for (const auto& [body, suffix] : lengths) {
    messages.push_back({piece(messages.size() * 11, body), piece(messages.size() * 13, suffix)});
    expected.push_back(sha256({messages.back().body, messages.back().suffix}));
  }
  hasher.hash(messages, digests);
  RC_ASSERT(digests == expected);
}

TEST(LaneHasher, MeasuresEveryKernel) {
  const LaneHasher hasher = LaneHasher::measured();
  ASSERT_EQ(hasher.kernels().size(), present().size());
  EXPECT_EQ(hasher.kernels().front().name, sha256_kernel());
  for (const LaneKernel& kernel : hasher.kernels()) EXPECT_GT(kernel.ns_per_byte, 0) << kernel.name;
  EXPECT_EQ(hasher.best_batch(), hasher.best_kernel().lanes);
  EXPECT_EQ(hasher.kernel_for(hasher.best_batch()).name, hasher.best_kernel().name);
}

TEST(LaneHasher, RefusesKernelsThatAreNotThere) {
  for (const char* name : {"", "lanes", "openssl", "lanes-avx1024-x32"}) {
    const auto hasher = LaneHasher::only(name);
    ASSERT_FALSE(hasher) << name;
    EXPECT_EQ(hasher.error().kind, ErrorKind::bad_input);
    EXPECT_NE(hasher.error().message.find(sha256_kernel()), std::string::npos) << hasher.error().message;
  }
}

constexpr std::string_view kAllSet = "OPENSSL_ia32cap=0xffffffffffffffff:0xffffffffffffffff";

// A kernel that this CPU lacks would end the process here.
TEST(LaneKernels, AreNotAddedByTheSettings) {
  for (const LaneKernel& kernel : available_kernels(kAllSet))
    if (kernel.lanes > 1) expect_exact(LaneHasher({kernel}), {{piece(1, 1000), {}}}, kernel.name);
}

struct SettingsCase {
  const char* what;
  std::string_view settings;
  std::vector<std::string> lanes;  // at most: a CPU that lacks them has none of them
};

// The settings can only take away: this machine may have fewer kernels than they leave, never more.
TEST(LaneKernels, AreThoseThatTheSettingsLeave) {
  const SettingsCase cases[] = {
      {"Zen 4",
       "OPENSSL_ia32cap=0xfffa3203178bffff:0x405fc6f1bf27ab",
       {"sha-ni-x2", "lanes-sse4-x4", "lanes-avx2-x8", "lanes-avx512-x16"}},
      {"Skylake-X, where OpenSSL takes F away",
       "OPENSSL_ia32cap=0x7ffefbffffebffff:0xd19e27ab",
       {"lanes-sse4-x4", "lanes-avx2-x8", "lanes-avx512-x16"}},
      {"Haswell", "OPENSSL_ia32cap=0x7ffafbffffebffff:0x27ab", {"lanes-sse4-x4", "lanes-avx2-x8"}},
      {"AVX-512 without AVX2", "OPENSSL_ia32cap=0x7ffefbffffebffff:0xd19e278b", {"lanes-sse4-x4"}},
      {"SSSE3 only", "OPENSSL_ia32cap=0x0000020007ebffff:0x0", {}},
      {"all masked", "OPENSSL_ia32cap=0x0:0x0 env:0:0", {}},
      {"no statement", "", {}},
  };
#ifdef __x86_64__
  for (const SettingsCase& c : cases) {
    std::vector<std::string> expected = {sha256_kernel_for(c.settings)};
    for (const std::string& name : c.lanes)
      for (const LaneKernel& here : available_kernels(kAllSet))
        if (here.name == name) expected.push_back(name);
    std::vector<std::string> names;
    for (const LaneKernel& kernel : available_kernels(c.settings)) names.push_back(kernel.name);
    EXPECT_EQ(names, expected) << c.what;
  }
#endif
}

}  // namespace
}  // namespace depthfinder
