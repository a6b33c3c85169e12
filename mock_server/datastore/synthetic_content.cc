// SPDX-License-Identifier: MIT
#include "mock_server/datastore/synthetic_content.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "restore_core/base/random.h"

namespace depthfinder::mock {
namespace {

constexpr std::size_t kSegmentBytes = 16 * 1024;
constexpr std::size_t kWordBytes = 16;  // zstd level 1 wants matches of seven bytes and more
constexpr std::size_t kVocabularyWords = 256;
// Compressed bytes per byte of vocabulary and of repetition, measured with zstd 1.5 at level 1;
// synthetic_content_test holds the ratios that follow from them to 5 %.
constexpr double kVocabularyCost = 0.115;
constexpr double kRepetitionCost = 0.003;

using Word = std::array<std::uint8_t, kWordBytes>;
using Vocabulary = std::array<Word, kVocabularyWords>;

void put_word64(std::uint8_t* out, std::uint64_t value) {
  if constexpr (std::endian::native == std::endian::big) {
    store_le<std::uint64_t>({out, sizeof value}, 0, value);
  } else {
    std::memcpy(out, &value, sizeof value);
  }
}

// Words of 16 letters out of 32, so that the bytes look like text.
Vocabulary make_vocabulary(Random& random) {
  static constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz .,;-\n";
  Vocabulary vocabulary;
  for (Word& word : vocabulary) {
    const std::uint64_t low = random.next(), high = random.next();
    for (std::size_t i = 0; i < kWordBytes; ++i)
      word[i] = static_cast<std::uint8_t>(kLetters[((i < 8 ? low : high) >> (8 * (i % 8))) % 32]);
  }
  return vocabulary;
}

void fill_random(MutableByteSpan out, Random& random) {
  std::size_t done = 0;
  for (; done + 8 <= out.size(); done += 8) put_word64(out.data() + done, random.next());
  std::array<std::uint8_t, 8> tail{};
  put_word64(tail.data(), random.next());
  std::copy_n(tail.begin(), out.size() - done, out.begin() + static_cast<std::ptrdiff_t>(done));
}

// One random number chooses eight words.
void fill_vocabulary(MutableByteSpan out, const Vocabulary& vocabulary, Random& random) {
  std::uint64_t choices = 0;
  for (std::size_t done = 0, word = 0; done < out.size(); done += kWordBytes, ++word) {
    choices = word % 8 == 0 ? random.next() : choices >> 8;
    std::memcpy(out.data() + done, vocabulary[choices % kVocabularyWords].data(),
                std::min(kWordBytes, out.size() - done));
  }
}

void fill_repetition(MutableByteSpan out, const Word& word) {
  for (std::size_t done = 0; done < out.size(); done += kWordBytes)
    std::memcpy(out.data() + done, word.data(), std::min(kWordBytes, out.size() - done));
}

// Takes at most `length` bytes off the front of `rest`.
MutableByteSpan take_front(MutableByteSpan& rest, std::size_t length) {
  const MutableByteSpan front = rest.first(std::min(length, rest.size()));
  rest = rest.subspan(front.size());
  return front;
}

}  // namespace

SyntheticContent::SyntheticContent(double compress, std::uint64_t seed) : seed_(seed) {
  const double cost = 1 / compress;
  double random_share = 0, vocabulary_share = 0;
  if (cost >= kVocabularyCost) {
    random_share = (cost - kVocabularyCost) / (1 - kVocabularyCost);
    vocabulary_share = 1 - random_share;
  } else {
    vocabulary_share = std::max(0.0, (cost - kRepetitionCost) / (kVocabularyCost - kRepetitionCost));
  }
  random_bytes_ = static_cast<std::size_t>(std::lround(random_share * kSegmentBytes));
  vocabulary_bytes_ = std::min(kSegmentBytes - random_bytes_,
                               static_cast<std::size_t>(std::lround(vocabulary_share * kSegmentBytes)));
}

void SyntheticContent::fill(ContentId content, MutableByteSpan out) const {
  if (content == kZeroContent) {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    return;
  }
  // Mixed twice: neighbouring seeds and contents must not start SplitMix64 a few steps apart.
  Random random(Random(Random(seed_).next() ^ content).next());
  const Vocabulary vocabulary = make_vocabulary(random);
  for (std::size_t begin = 0; begin < out.size(); begin += kSegmentBytes) {
    MutableByteSpan rest = out.subspan(begin, std::min(kSegmentBytes, out.size() - begin));
    fill_random(take_front(rest, random_bytes_), random);
    fill_vocabulary(take_front(rest, vocabulary_bytes_), vocabulary, random);
    fill_repetition(rest, vocabulary[(begin / kSegmentBytes) % kVocabularyWords]);
  }
  std::array<std::uint8_t, 8> name{};
  put_word64(name.data(), (std::uint64_t{content} << 8) | 0xdf);
  std::copy_n(name.begin(), std::min(name.size(), out.size()), out.begin());
}

}  // namespace depthfinder::mock
