// SPDX-License-Identifier: MIT
#include <set>

#include <gtest/gtest.h>

#include "restore_core/format/key_derivation.h"
#include "restore_core/format/key_file.h"
#include "restore_core/format/test_vectors.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

class KeyFileVectors : public testing::TestWithParam<TestVector> {};

TEST_P(KeyFileVectors, ReadAsExpected) {
  const TestVector& vector = GetParam();
  PasswordSource password;
  if (vector.data.contains("params"))
    password = [&]() -> Result<std::string> { return vector.params().at("password").get<std::string>(); };
  const auto config = read_key_file(vector.file(), password);
  if (!accepted_as_expected(vector, config)) return;
  EXPECT_EQ(to_hex(config->enc_key()), vector.expect().at("key"));
  EXPECT_EQ(to_hex(config->id_key()), vector.expect().at("id-key"));
  EXPECT_EQ(format_fingerprint(config->fingerprint()), vector.expect().at("fingerprint"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, KeyFileVectors, testing::ValuesIn(vectors_of_kind("keyfile")),
                         vector_test_name);

class KdfVectors : public testing::TestWithParam<TestVector> {};

TEST_P(KdfVectors, DeriveAsExpected) {
  const auto& params = GetParam().params();
  const auto& expect = GetParam().expect();
  if (params.contains("enc-key")) {
    const CryptConfig config(digest_from_hex(params.at("enc-key").get<std::string>()).value());
    EXPECT_EQ(to_hex(config.id_key()), expect.at("id-key"));
    EXPECT_EQ(format_fingerprint(config.fingerprint()), expect.at("fingerprint"));
    return;
  }
  const auto kdf = parse_key_derivation({{"Scrypt", params.at("scrypt")}});
  ASSERT_TRUE(kdf) << kdf.error().message;
  const auto key = derive_key(*kdf, params.at("password").get<std::string>());
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(to_hex(*key), expect.at("key"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, KdfVectors, testing::ValuesIn(vectors_of_kind("kdf")), vector_test_name);

class DigestVectors : public testing::TestWithParam<TestVector> {};

TEST_P(DigestVectors, HashAsExpected) {
  const Bytes zeros(GetParam().params().at("zeros").get<std::size_t>());
  EXPECT_EQ(to_hex(sha256(zeros)), GetParam().expect().at("plain"));
  EXPECT_EQ(to_hex(test_key("a").keyed_digest(zeros)), GetParam().expect().at("key-a"));
  EXPECT_EQ(to_hex(test_key("b").keyed_digest(zeros)), GetParam().expect().at("key-b"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, DigestVectors, testing::ValuesIn(vectors_of_kind("digest")),
                         vector_test_name);

class FingerprintVectors : public testing::TestWithParam<TestVector> {};

TEST_P(FingerprintVectors, FormatAsExpected) {
  const Digest fingerprint = GetParam().key().value().fingerprint();
  EXPECT_EQ(format_fingerprint(fingerprint), GetParam().expect().at("full"));
  EXPECT_EQ(format_short_fingerprint(fingerprint), GetParam().expect().at("short"));
  EXPECT_EQ(parse_fingerprint(GetParam().expect().at("full").get<std::string>()).value(), fingerprint);
}

INSTANTIATE_TEST_SUITE_P(Vectors, FingerprintVectors, testing::ValuesIn(vectors_of_kind("fingerprint")),
                         vector_test_name);

class TlsFingerprintVectors : public testing::TestWithParam<TestVector> {};

TEST_P(TlsFingerprintVectors, HashTheCertificate) {
  EXPECT_EQ(format_fingerprint(sha256(GetParam().file())), GetParam().expect().at("fingerprint"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, TlsFingerprintVectors,
                         testing::ValuesIn(vectors_of_kind("tls-fingerprint")), vector_test_name);

// A kind that no test reads would pass unseen.
TEST(Vectors, EveryKindHasATest) {
  std::set<std::string> kinds;
  for (const auto& vector : vectors_document().at("vectors"))
    kinds.insert(vector.at("kind").get<std::string>());
  const std::set<std::string> tested = {"archive-name", "blob",     "canonical-json", "chunk",
                                        "didx",         "digest",   "fidx",           "fingerprint",
                                        "kdf",          "keyfile",  "manifest",       "namespace",
                                        "repository",   "snapshot", "snapshot-path",  "tls-fingerprint"};
  EXPECT_EQ(kinds, tested);
  EXPECT_EQ(vectors_document().at("vectors").size(), 265U);
}

}  // namespace
}  // namespace depthfinder
