// SPDX-License-Identifier: MIT
#include "restore_core/format/key_file.h"

#include <gtest/gtest.h>

#include "restore_core/format/base64.h"
#include "restore_core/format/test_vectors.h"

namespace depthfinder {
namespace {

Bytes key_file(std::string_view name) { return read_test_file(vectors_directory() / "keys" / name); }

TEST(KeyFile, AsksForAPasswordOnlyWhereThereIsOne) {
  int asked = 0;
  const PasswordSource source = [&]() -> Result<std::string> {
    ++asked;
    return "correct horse";
  };
  EXPECT_TRUE(read_key_file(key_file("none.json"), source));
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(read_key_file(key_file("scrypt-small.json"), source));
  EXPECT_EQ(asked, 1);
}

TEST(KeyFile, PassesOnWhatThePasswordSourceSays) {
  const PasswordSource source = []() -> Result<std::string> {
    return fail(ErrorKind::cancelled, "no terminal to ask on");
  };
  const auto config = read_key_file(key_file("scrypt-small.json"), source);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().kind, ErrorKind::cancelled);
}

std::string with(std::string_view kdf, std::string_view created = "2024-05-17T10:00:00+02:00",
                 std::string_view data = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=") {
  return fmt::format(R"({{"kdf":{},"created":"{}","modified":"2024-05-17T10:00:00Z","data":"{}"}})", kdf,
                     created, data);
}

std::string_view refusal(const std::string& json) {
  const PasswordSource source = []() -> Result<std::string> { return "correct horse"; };
  const auto config = read_key_file(as_bytes(json), source);
  return config ? "accepted" : config.error().reason;
}

struct Case {
  std::string json;
  std::string_view refusal;
};

TEST(KeyFile, Refusals) {
  const Case cases[] = {
      {with("null"), "accepted"},
      {with("null", "2024-05-17T10:00:00Z"), "accepted"},
      {with("null", "2024-05-17T10:00:00"), "keyfile-json"},
      {with("null", "2024-02-30T10:00:00Z"), "keyfile-json"},
      {with("null", "2024-05-17T10:00:00+25:00"), "keyfile-json"},
      {with("null", "2024-05-17T10:00:00Z", "AA"), "keyfile-json"},
      {with("null", "2024-05-17T10:00:00Z", ""), "keyfile-length"},
      {with("{}"), "keyfile-kdf"},
      {with(R"({"Scrypt":{"n":16,"r":1,"p":1,"salt":""},"PBKDF2":{}})"), "keyfile-kdf"},
      {with(R"({"Scrypt":{"n":16,"r":1,"p":1}})"), "keyfile-kdf"},
      {with(R"({"Scrypt":{"n":16,"r":0,"p":1,"salt":""}})"), "keyfile-kdf"},
      {with(R"({"Scrypt":{"n":1,"r":8,"p":1,"salt":""}})"), "keyfile-kdf"},
      {with(R"({"Scrypt":{"n":4194304,"r":1,"p":4194304,"salt":""}})"), "keyfile-kdf"},
      {with(R"({"Scrypt":{"n":18446744073709551615,"r":8,"p":1,"salt":""}})"), "keyfile-kdf"},
      {with(R"({"Scrypt":{"n":16777216,"r":4,"p":1,"salt":""}})"), "keyfile-kdf"},
      {with(R"({"PBKDF2":{"iter":0,"salt":""}})"), "keyfile-kdf"},
      {with(R"({"PBKDF2":{"iter":4294967296,"salt":""}})"), "keyfile-kdf"},
      {with(R"({"PBKDF2":{"iter":20000001,"salt":""}})"), "keyfile-kdf"},
      {with(R"({"Scrypt":{"n":65536,"r":8,"p":129,"salt":""}})"), "keyfile-kdf"},
      {with(R"({"Scrypt":{"n":2,"r":1048576,"p":32,"salt":""}})"), "keyfile-kdf"},
      {with(R"({"Scrypt":{"n":65536.0,"r":8,"p":1,"salt":""}})"), "keyfile-kdf"},
      {with(R"({"PBKDF2":{"iter":1,"salt":"!"}})"), "keyfile-kdf"},
      {with(R"({"PBKDF2":{"iter":1,"salt":""}})"), "keyfile-password"},  // opens to nothing: the tag is wrong
      {"[]", "keyfile-json"},
      {std::string(100'000, ' '), "keyfile-json"},
  };
  for (const Case& c : cases) EXPECT_EQ(refusal(c.json), c.refusal) << c.json.substr(0, 200);
}

TEST(KeyFile, MessagesNeverQuoteTheFile) {
  const std::string secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  const auto broken = read_key_file(as_bytes("{\"data\":" + secret), nullptr);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().message.find("AAEC"), std::string::npos) << broken.error().message;
}

struct Base64Case {
  std::string_view text;
  std::optional<std::string_view> bytes;
};

// RFC 4648, section 10, and what its section 3 lets a strict reader refuse.
TEST(Base64, Strict) {
  const Base64Case cases[] = {
      {"", ""},
      {"Zg==", "f"},
      {"Zm8=", "fo"},
      {"Zm9v", "foo"},
      {"Zm9vYg==", "foob"},
      {"Zm9vYmE=", "fooba"},
      {"Zm9vYmFy", "foobar"},
      {"Zg", std::nullopt},
      {"Zg=", std::nullopt},
      {"Zh==", std::nullopt},
      {"Zm9=", std::nullopt},
      {"Z===", std::nullopt},
      {"====", std::nullopt},
      {"Zg==Zg==", std::nullopt},
      {" Zm9", std::nullopt},
      {"Zm9v\n", std::nullopt},
      {"Zm9v    ", std::nullopt},
      {"Zm-_", std::nullopt},
  };
  for (const Base64Case& c : cases) {
    const auto bytes = from_base64(c.text);
    ASSERT_EQ(bytes.has_value(), c.bytes.has_value()) << c.text;
    if (bytes) {
      EXPECT_EQ(as_text(*bytes), *c.bytes);
    }
  }
}

}  // namespace
}  // namespace depthfinder
