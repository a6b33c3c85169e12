// SPDX-License-Identifier: MIT
#include "restore_core/format/manifest.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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

// What a server that turned hostile makes of a signed manifest; `rule` says what the reader asked for.
std::string_view reading(const nlohmann::json& json, const CryptConfig* key, SignatureRule rule,
                         const SnapshotName& asked_for = kSnapshot) {
  const auto manifest = read_manifest(blob_of(json.dump()), key, asked_for, rule);
  return manifest ? "accepted" : manifest.error().reason;
}

nlohmann::json signed_json(const CryptConfig& key) {
  const Bytes blob = write_manifest(kSnapshot, two_files(), &key).value();
  return nlohmann::json::parse(as_text(decode_blob(blob, nullptr).value()));
}

TEST(Manifest, ARequiredSignatureCannotBeTakenAway) {
  const CryptConfig key = key_of(1), other = key_of(2);
  constexpr auto kAny = SignatureRule::checked_where_there_is_one, kRequired = SignatureRule::required;
  const struct {
    const char* what;
    void (*change)(nlohmann::json& manifest);
    std::string_view any, required;
  } cases[] = {
      {"nothing", [](nlohmann::json&) {}, "accepted", "accepted"},
      {"notes added", [](nlohmann::json& m) { m["unprotected"]["notes"] = "x"; }, "accepted", "accepted"},
      {"signature null", [](nlohmann::json& m) { m["signature"] = nullptr; }, "accepted",
       "manifest-signature-missing"},
      {"signature gone", [](nlohmann::json& m) { m.erase("signature"); }, "accepted",
       "manifest-signature-missing"},
      {"signature empty", [](nlohmann::json& m) { m["signature"] = ""; }, "manifest-signature",
       "manifest-signature"},
      {"signature of no text", [](nlohmann::json& m) { m["signature"] = 5; }, "manifest-type",
       "manifest-type"},
      {"signature in upper case", [](nlohmann::json& m) { m["signature"] = std::string(64, 'A'); },
       "manifest-signature", "manifest-signature"},
      {"fingerprint gone", [](nlohmann::json& m) { m["unprotected"].erase("key-fingerprint"); }, "accepted",
       "accepted"},  // the signature itself tells the key
      {"unprotected gone", [](nlohmann::json& m) { m.erase("unprotected"); }, "accepted", "accepted"},
      {"fingerprint of another key",
       [](nlohmann::json& m) {
         m["unprotected"]["key-fingerprint"] = format_fingerprint(key_of(2).fingerprint());
       },
       "manifest-key-mismatch", "manifest-key-mismatch"},
      {"signature and fingerprint gone",
       [](nlohmann::json& m) {
         m.erase("signature");
         m.erase("unprotected");
       },
       "accepted", "manifest-signature-missing"},
      {"crypt mode none", [](nlohmann::json& m) { m["files"][0]["crypt-mode"] = "none"; },
       "manifest-signature", "manifest-signature"},
      {"crypt mode gone", [](nlohmann::json& m) { m["files"][0].erase("crypt-mode"); }, "manifest-signature",
       "manifest-signature"},
      {"crypt mode none, unsigned",
       [](nlohmann::json& m) {
         m["files"][0]["crypt-mode"] = "none";
         m["signature"] = nullptr;
         m["unprotected"] = nlohmann::json::object();
       },
       "accepted", "manifest-signature-missing"},
      {"another checksum", [](nlohmann::json& m) { m["files"][0]["csum"] = std::string(64, '0'); },
       "manifest-signature", "manifest-signature"},
      {"another size", [](nlohmann::json& m) { m["files"][0]["size"] = 1; }, "manifest-signature",
       "manifest-signature"},
      {"a file taken away", [](nlohmann::json& m) { m["files"].erase(1); }, "manifest-signature",
       "manifest-signature"},
      {"another id", [](nlohmann::json& m) { m["backup-id"] = "101"; }, "manifest-signature",
       "manifest-signature"},
      {"another member", [](nlohmann::json& m) { m["extra"] = 1; }, "manifest-signature",
       "manifest-signature"},
  };
  for (const auto& c : cases) {
    nlohmann::json manifest = signed_json(key);
    c.change(manifest);
    EXPECT_EQ(reading(manifest, &key, kAny), c.any) << c.what;
    EXPECT_EQ(reading(manifest, &key, kRequired), c.required) << c.what;
    EXPECT_NE(reading(manifest, &other, kRequired), "accepted") << c.what;
    EXPECT_NE(reading(manifest, nullptr, kRequired), "accepted") << c.what;
  }
}

TEST(Manifest, WhatKeepsARequiredSignatureFromBeingCheckedIsAnIntegrityError) {
  const CryptConfig key = key_of(1), other = key_of(2);
  nlohmann::json unsigned_one = signed_json(key);
  unsigned_one["signature"] = nullptr;
  const struct {
    nlohmann::json json;
    const CryptConfig* key;
    const char* says;
  } cases[] = {{signed_json(key), nullptr, "give the key file of the key"},
               {signed_json(key), &other, "give that key's file"},
               {unsigned_one, &key, "--require-signature"}};
  for (const auto& c : cases) {
    const auto manifest = read_manifest(blob_of(c.json.dump()), c.key, kSnapshot, SignatureRule::required);
    ASSERT_FALSE(manifest);
    EXPECT_EQ(manifest.error().kind, ErrorKind::corrupt) << manifest.error().message;
    EXPECT_NE(manifest.error().message.find(c.says), std::string::npos) << manifest.error().message;
  }
}

TEST(Manifest, OfAnotherSnapshotIsRefusedHoweverWellItIsSigned) {
  const CryptConfig key = key_of(1);
  for (const SnapshotName& asked_for :
       {SnapshotName{BackupType::ct, "100", 1715932800}, SnapshotName{BackupType::vm, "101", 1715932800},
        SnapshotName{BackupType::vm, "100", 1715932801}})
    for (const CryptConfig* used : {static_cast<const CryptConfig*>(nullptr), &key}) {
      const auto rule = signature_rule(used != nullptr);
      nlohmann::json manifest = signed_json(key);
      if (used == nullptr) manifest.erase("unprotected");
      EXPECT_EQ(reading(manifest, used, rule, asked_for), "manifest-snapshot-mismatch");
    }
}

TEST(Manifest, ListsNoNameThatClimbs) {
  for (const std::string& name :
       {std::string("../x.fidx"), std::string("/etc/x.fidx"), std::string("a/b.fidx"), std::string(".fidx"),
        std::string("-x.fidx"), std::string("a\0.fidx", 7), std::string("a\n.fidx"), std::string(""),
        std::string(300, 'x') + ".fidx", std::string("\\x.fidx"), std::string("a.img")}) {
    nlohmann::json manifest = signed_json(key_of(1));
    manifest.erase("unprotected");
    manifest["files"][0]["filename"] = name;
    EXPECT_EQ(reading(manifest, nullptr, SignatureRule::checked_where_there_is_one), "manifest-filename")
        << testing::PrintToString(name);
  }
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
