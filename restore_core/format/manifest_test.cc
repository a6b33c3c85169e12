// SPDX-License-Identifier: MIT
#include "restore_core/format/manifest.h"

#include <gtest/gtest.h>

#include "restore_core/format/data_blob.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

const SnapshotName kSnapshot{BackupType::vm, "100", 1715932800};

CryptConfig signing_key_of(std::uint8_t byte) {
  std::array<std::uint8_t, 32> key{};
  key.fill(byte);
  return CryptConfig(key);
}

std::vector<ManifestFile> two_files() {
  return {{"drive-scsi0.img.fidx", 1ULL << 63, sha256(as_bytes("a")), CryptMode::encrypt},
          {"qemu-server.conf.blob", 431, sha256(as_bytes("b")), CryptMode::none}};
}

Bytes blob_of(std::string_view json) { return encode_blob(as_bytes(json), {}).value(); }

std::string_view manifest_refusal(std::string_view json) {
  const auto manifest = read_manifest(blob_of(json), nullptr, kSnapshot);
  return manifest ? "accepted" : manifest.error().reason;
}

TEST(Manifest, ReadsWhatItWrote) {
  const CryptConfig key = signing_key_of(1);
  for (const CryptConfig* used : {static_cast<const CryptConfig*>(nullptr), &key}) {
    const Bytes blob = write_manifest(kSnapshot, two_files(), used).value();
    const auto manifest = read_manifest(blob, used, kSnapshot);
    ASSERT_TRUE(manifest) << manifest.error().message;
    EXPECT_EQ(manifest->snapshot, kSnapshot);
    EXPECT_EQ(manifest->signature_checked, used != nullptr);
    EXPECT_EQ(manifest->key_fingerprint.has_value(), used != nullptr);
    ASSERT_EQ(manifest->files.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(manifest->files[i].name, two_files()[i].name);
      EXPECT_EQ(manifest->files[i].size_bytes, two_files()[i].size_bytes);
      EXPECT_EQ(manifest->files[i].csum, two_files()[i].csum);
      EXPECT_EQ(manifest->files[i].crypt_mode, two_files()[i].crypt_mode);
    }
  }
}

TEST(Manifest, WritesNoNameThatItWouldRefuse) {
  auto files = two_files();
  files[0].name = "../x.fidx";
  EXPECT_FALSE(write_manifest(kSnapshot, files, nullptr));
  EXPECT_FALSE(write_manifest({BackupType::vm, "a/b", 1}, two_files(), nullptr));
}

TEST(Manifest, FindNamesWhatThereIs) {
  const Bytes blob = write_manifest(kSnapshot, two_files(), nullptr).value();
  const Manifest manifest = read_manifest(blob, nullptr, kSnapshot).value();
  EXPECT_EQ(manifest.find("qemu-server.conf.blob")->size_bytes, 431U);
  const auto missing = manifest.find("drive-scsi1.img.fidx");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_NE(missing.error().message.find("drive-scsi0.img.fidx"), std::string::npos);
}

// "test1.img.fidx" and the rest are upstream's own test, with the key that scrypt makes of "test".
TEST(Manifest, KnownSignature) {
  const auto key = digest_from_hex("28cdb1a3bef39396c3860e00d448fe7a0efd8244486ab6feb30457681d31597e");
  const SnapshotName snapshot = parse_snapshot_name("host/elsa/2020-06-26T13:56:05Z").value();
  Digest ones{};
  ones.fill(1);
  Digest twos{};
  twos.fill(2);
  const CryptConfig config(key.value());
  const Bytes blob = write_manifest(snapshot,
                                    {{"test1.img.fidx", 200, ones, CryptMode::encrypt},
                                     {"abc.blob", 200, twos, CryptMode::none}},
                                    &config)
                         .value();
  EXPECT_EQ(read_manifest(blob, &config, snapshot)->signature,
            "d7b446fb7db081662081d4b40fedd858a1d6307a5aff4ecff7d5bf4fd35679e9");
}

struct CanonicalCase {
  std::string_view json;
  std::string_view canonical;  // or the reason of a refusal
};

TEST(Manifest, CanonicalJson) {
  const CanonicalCase cases[] = {
      {"{}", "{}"},
      {R"( { "b" : [ 1 , true , [ ] , { } ] , "a" : "x" } )", R"({"a":"x","b":[1,true,[],{}]})"},
      {R"({"unprotected":{"x":null},"signature":null,"a":{"signature":"kept"}})",
       R"({"a":{"signature":"kept"}})"},
      {R"({"a":"\u0001\u001f\b\f\n\r\t\"\\\/"})", R"({"a":"\u0001\u001f\b\f\n\r\t\"\\/"})"},
      {"{\"a\":\"\x7f\u00e4\U0001f600\"}", "{\"a\":\"\x7f\u00e4\U0001f600\"}"},
      {R"({"a":"\u00e4\ud83d\ude00"})", "{\"a\":\"\u00e4\U0001f600\"}"},
      {"{\"\u00e4\":1,\"z\":2,\"Z\":3}", "{\"Z\":3,\"z\":2,\"\u00e4\":1}"},
      {R"({"a":18446744073709551615,"b":-9223372036854775808})",
       R"({"a":18446744073709551615,"b":-9223372036854775808})"},
      {R"({"a":1,"a":2})", R"({"a":2})"},
      {R"({"a":null})", "manifest-type"},
      {R"({"a":[null]})", "manifest-type"},
      {R"({"a":1.5})", "manifest-type"},
      {"[]", "manifest-type"},
      {"{", "manifest-json"},
      {"{} {}", "manifest-json"},
      {"\xef\xbb\xbf{}", "manifest-json"},
      {"", "manifest-json"},
      {R"({"a":NaN})", "manifest-json"},
      {"{\"a\":\"\xff\"}", "manifest-json"},
      {R"({"a":"\ud800"})", "manifest-json"},
  };
  for (const CanonicalCase& c : cases) {
    const auto canonical = canonical_manifest_json(c.json);
    EXPECT_EQ(canonical ? std::string_view(*canonical) : canonical.error().reason, c.canonical) << c.json;
  }
}

std::string nested(std::size_t levels) {
  return R"({"a":)" + std::string(levels - 1, '[') + "1" + std::string(levels - 1, ']') + "}";
}

TEST(Manifest, NestingIsBounded) {
  EXPECT_TRUE(canonical_manifest_json(nested(127)));
  EXPECT_EQ(canonical_manifest_json(nested(128)).error().reason, "manifest-json");
  EXPECT_EQ(canonical_manifest_json(std::string(1 << 20, '[')).error().reason, "manifest-json");
  EXPECT_TRUE(canonical_manifest_json("{\"a\":\"" + std::string(1000, '[') +
                                      "\\\"\"}"));  // brackets in text do not nest
}

TEST(Manifest, ImpossibleValuesAreRefused) {
  const auto with = [](std::string_view time, std::string_view rest) {
    return fmt::format(R"({{"backup-type":"vm","backup-id":"100","backup-time":{},"files":[]{}}})", time,
                       rest);
  };
  EXPECT_EQ(manifest_refusal(with("1715932800", "")), "accepted");
  EXPECT_EQ(manifest_refusal(with("1715932800", R"(,"unprotected":{"key-fingerprint":null})")), "accepted");
  EXPECT_EQ(manifest_refusal(with("0", "")), "manifest-value");
  EXPECT_EQ(manifest_refusal(with("-5", "")), "manifest-value");
  EXPECT_EQ(manifest_refusal(with("253402300800", "")), "manifest-value");
  EXPECT_EQ(manifest_refusal(with("18446744073709551615", "")), "manifest-value");
  EXPECT_EQ(manifest_refusal(with("1e9", "")), "manifest-type");
  EXPECT_EQ(manifest_refusal(with("1715932800", R"(,"unprotected":[])")), "manifest-type");
  EXPECT_EQ(manifest_refusal(with("1715932800", R"(,"unprotected":{"key-fingerprint":5})")),
            "manifest-value");
}

}  // namespace
}  // namespace depthfinder
