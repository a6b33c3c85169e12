// SPDX-License-Identifier: MIT
#include "mock_server/datastore/synthetic_chunks.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "restore_core/format/data_blob.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder::mock {
namespace {

std::array<std::uint8_t, 16> iv_for(const Digest& digest) {
  const Digest mixed = sha256({as_bytes("depthfinder synthetic IV"), digest});
  std::array<std::uint8_t, 16> iv{};
  std::copy_n(mixed.begin(), iv.size(), iv.begin());
  return iv;
}

// Memory can run out inside; nothing may be thrown across a thread.
template <typename Work>
Result<void> without_exceptions(Work work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return fail(ErrorKind::io, "cannot make the synthetic image: {}", error.what());
  }
}

}  // namespace

SyntheticChunks::SyntheticChunks(const SyntheticChunkOptions& options)
    : options_(options), plan_(options.image), content_(options.image.compress, options.image.seed) {}

Result<std::unique_ptr<SyntheticChunks>> SyntheticChunks::make(const SyntheticChunkOptions& options) {
  std::unique_ptr<SyntheticChunks> chunks;
  const auto made = without_exceptions([&]() -> Result<void> {
    chunks.reset(new SyntheticChunks(options));
    chunks->list_entries();
    DF_TRY(chunks->make_entries());
    for (std::size_t i = 0; i < chunks->entries_.size(); ++i)
      chunks->entry_by_digest_.emplace(chunks->entries_[i].digest, i);
    return {};
  });
  if (!made) return pass_on(made.error());
  return chunks;
}

void SyntheticChunks::list_entries() {
  entries_.reserve(std::size_t{plan_.content_count()} + 2);
  for (ContentId content = 0; content < plan_.content_count(); ++content)
    entries_.push_back({content, plan_.content_length(content), {}, nullptr});
  const std::size_t last = plan_.chunk_count() - 1;
  const bool short_zero =
      plan_.content_at(last) == kZeroContent && plan_.chunk_length(last) < kDefaultChunkSize;
  zero_entry_ = entries_.size();
  if (plan_.zero_count() > (short_zero ? 1U : 0U))
    entries_.push_back({kZeroContent, kDefaultChunkSize, {}, nullptr});
  short_zero_entry_ = entries_.size();
  if (short_zero) entries_.push_back({kZeroContent, plan_.chunk_length(last), {}, nullptr});
}

std::size_t SyntheticChunks::entry_at(std::size_t position) const {
  const ContentId content = plan_.content_at(position);
  if (content != kZeroContent) return content;
  return plan_.chunk_length(position) == kDefaultChunkSize ? zero_entry_ : short_zero_entry_;
}

Result<void> SyntheticChunks::make_entries() {
  std::atomic<std::size_t> next{0};
  std::vector<Result<void>> outcomes(std::max(1U, std::thread::hardware_concurrency()));
  Result<void> image_outcome;
  {
    std::vector<std::jthread> threads;
    for (Result<void>& outcome : outcomes)
      threads.emplace_back(
          [this, &next, &outcome] { outcome = without_exceptions([&] { return make_entries_from(next); }); });
    image_outcome = without_exceptions([this] { return hash_image(); });
  }
  for (const Result<void>& outcome : outcomes) DF_TRY(outcome);
  return image_outcome;
}

Result<void> SyntheticChunks::make_entries_from(std::atomic<std::size_t>& next) {
  Bytes payload(kDefaultChunkSize);
  for (std::size_t i = next++; i < entries_.size(); i = next++) {
    Entry& entry = entries_[i];
    const auto made = make_entry(entry, MutableByteSpan(payload).first(entry.length));
    if (!made) {
      next = entries_.size();  // the other threads stop as well
      return made;
    }
  }
  return {};
}

Result<void> SyntheticChunks::make_entry(Entry& entry, MutableByteSpan payload) {
  content_.fill(entry.content, payload);
  entry.digest = options_.key ? options_.key->keyed_digest(payload) : sha256(payload);
  if (cached_bytes_ >= options_.cache_bytes_max) return {};
  DF_ASSIGN(Bytes blob, encode(entry, payload));
  if (cached_bytes_.fetch_add(blob.size()) + blob.size() > options_.cache_bytes_max) {
    cached_bytes_ -= blob.size();
    return {};
  }
  blob.shrink_to_fit();  // the cap is about memory held, not about bytes used
  entry.blob = std::make_shared<const Bytes>(std::move(blob));
  return {};
}

// Fills every chunk a second time: at several GB/s that is cheaper than handing chunks over in image order.
Result<void> SyntheticChunks::hash_image() {
  if (options_.image.size_bytes > kHashedImageBytesMax) return {};
  Sha256 hash;
  Bytes payload(kDefaultChunkSize);
  const Bytes zeros(kDefaultChunkSize);
  for (std::size_t position = 0; position < plan_.chunk_count(); ++position) {
    const ContentId content = plan_.content_at(position);
    const MutableByteSpan bytes = MutableByteSpan(payload).first(plan_.chunk_length(position));
    if (content != kZeroContent) content_.fill(content, bytes);
    hash.update(content == kZeroContent ? ByteSpan(zeros).first(bytes.size()) : ByteSpan(bytes));
  }
  image_sha256_ = hash.finish();
  return {};
}

Result<Bytes> SyntheticChunks::encode(const Entry& entry, ByteSpan payload) const {
  BlobEncoding encoding;
  encoding.compress = options_.compress;
  if (options_.key) {
    encoding.key = &*options_.key;
    encoding.iv = iv_for(entry.digest);
  }
  return encode_blob(payload, encoding);
}

const SyntheticChunks::Entry* SyntheticChunks::entry_of(const Digest& digest) const {
  const auto found = entry_by_digest_.find(digest);
  return found == entry_by_digest_.end() ? nullptr : &entries_[found->second];
}

SharedBlob SyntheticChunks::find_cached(const Digest& digest) const {
  const Entry* entry = entry_of(digest);
  return entry == nullptr ? nullptr : entry->blob;
}

std::uint64_t SyntheticChunks::blob_bytes(const Digest& digest) const {
  const Entry* entry = entry_of(digest);
  if (entry == nullptr) return 0;
  if (entry->blob) return entry->blob->size();
  const double ratio = options_.compress ? options_.image.compress : 1;
  return static_cast<std::uint64_t>(static_cast<double>(entry->length) / ratio) + kEncryptedBlobHeaderSize;
}

Result<SharedBlob> SyntheticChunks::find(const Digest& digest) const {
  const Entry* found = entry_of(digest);
  if (found == nullptr)
    return fail(ErrorKind::not_found, "the synthetic image has no chunk {}", to_hex(digest));
  const Entry& entry = *found;
  if (entry.blob) return entry.blob;
  SharedBlob blob;
  DF_TRY(without_exceptions([&]() -> Result<void> {
    Bytes payload(entry.length);
    content_.fill(entry.content, payload);
    DF_ASSIGN(Bytes encoded, encode(entry, payload));
    blob = std::make_shared<const Bytes>(std::move(encoded));
    return {};
  }));
  return blob;
}

}  // namespace depthfinder::mock
