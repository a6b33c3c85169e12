// SPDX-License-Identifier: MIT
// One thread reads the image in order and hashes the whole; two threads digest, encode and write chunks. The
// buffers circulate between them, so their number bounds the memory, and having all of them back means that
// nothing is in flight.
#include "mock_server/datastore/ingest.h"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <thread>
#include <unordered_set>
#include <vector>

#include <sys/random.h>

#include "mock_server/datastore/image_reader.h"
#include "mock_server/datastore/store_writer.h"
#include "restore_core/base/check.h"
#include "restore_core/base/mutex.h"
#include "restore_core/base/queue.h"
#include "restore_core/format/data_blob.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/manifest.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder::mock {
namespace {

constexpr std::size_t kEncodeThreads = 2;
constexpr std::size_t kBuffers = kEncodeThreads + 2;

struct Piece {
  std::size_t position = 0;
  Bytes payload;
};

// The encoding side: pieces in, digests and chunk files out.
class ChunkPipeline {
 public:
  ChunkPipeline(const StoreWriter& store, const IngestOptions& options, std::size_t chunks)
      : store_(store),
        options_(options),
        digests_(chunks),
        zero_digest_(digest_of(Bytes(kDefaultChunkSize))) {
    for (std::size_t i = 0; i < kBuffers; ++i) free_buffers_.push(Bytes());
    try {
      for (std::size_t i = 0; i < kEncodeThreads; ++i) threads_.emplace_back([this] { work(); });
    } catch (...) {
      pieces_
          .close();  // the destructor does not run; the threads that did start are joined by their member's
      throw;
    }
  }
  ~ChunkPipeline() { pieces_.close(); }  // threads_ is the last member: joined first
  ChunkPipeline(const ChunkPipeline&) = delete;
  ChunkPipeline& operator=(const ChunkPipeline&) = delete;

  // Waits until one is free.
  Bytes take_buffer() { return free_buffers_.pop().value(); }
  void submit(Piece piece) { pieces_.push(std::move(piece)); }
  Result<void> outcome() {
    MutexLock lock(mutex_);
    if (first_error_) return pass_on(*first_error_);
    return {};
  }
  // Waits for all that was submitted; every buffer has been submitted or given up by then. Ends the pipeline.
  Result<std::vector<Digest>> finish(IngestResult& result) {
    for (std::size_t i = 0; i < kBuffers; ++i) take_buffer();
    DF_TRY(outcome());
    MutexLock lock(mutex_);
    result.zero_chunks = counted_.zero_chunks;
    result.chunks_written = counted_.chunks_written;
    result.bytes_written = counted_.bytes_written;
    return std::move(digests_);
  }

 private:
  [[nodiscard]] Digest digest_of(ByteSpan payload) const {
    return options_.key != nullptr ? options_.key->keyed_digest(payload) : sha256(payload);
  }

  void work() {
    while (auto piece = pieces_.pop()) {
      if (outcome()) note(store_without_exceptions(*piece));
      free_buffers_.push(std::move(piece->payload));
    }
  }

  Result<void> store_without_exceptions(const Piece& piece) {
    try {
      return store_piece(piece);
    } catch (const std::exception& error) {
      return fail(ErrorKind::io, "cannot store chunk {}: {}", piece.position, error.what());
    }
  }

  Result<void> store_piece(const Piece& piece) {
    const bool zero = is_zero(piece.payload);
    const bool full_zero = zero && piece.payload.size() == kDefaultChunkSize;
    const Digest digest = full_zero ? zero_digest_ : digest_of(piece.payload);
    digests_[piece.position] = digest;  // each position is one thread's
    if (!claim(digest, zero) || store_.has_chunk(digest)) return {};
    BlobEncoding encoding;
    encoding.compress = options_.compress;
    encoding.key = options_.key;
    DF_ASSIGN(const Bytes blob, encode_blob(piece.payload, encoding));
    DF_TRY(store_.insert_chunk(digest, blob));
    MutexLock lock(mutex_);
    ++counted_.chunks_written;
    counted_.bytes_written += blob.size();
    return {};
  }

  // True for the first piece with this digest: only that one is looked up and written.
  bool claim(const Digest& digest, bool zero) {
    MutexLock lock(mutex_);
    if (zero) ++counted_.zero_chunks;
    return claimed_.insert(digest).second;
  }

  void note(Result<void> stored) {
    MutexLock lock(mutex_);
    if (!stored && !first_error_) first_error_ = std::move(stored).error();
  }

  const StoreWriter& store_;
  const IngestOptions& options_;
  std::vector<Digest> digests_;
  const Digest zero_digest_;
  Queue<Piece> pieces_;
  Queue<Bytes> free_buffers_;
  Mutex mutex_;
  std::unordered_set<Digest, DigestHash> claimed_ DF_GUARDED_BY(mutex_);
  IngestResult counted_ DF_GUARDED_BY(mutex_);
  std::optional<Error> first_error_ DF_GUARDED_BY(mutex_);
  std::vector<std::jthread> threads_;
};

Result<std::array<std::uint8_t, 16>> random_uuid() {
  std::array<std::uint8_t, 16> uuid{};
  if (::getrandom(uuid.data(), uuid.size(), 0) != static_cast<ssize_t>(uuid.size()))
    return fail(ErrorKind::io, "the kernel gave no random numbers for the index");
  return uuid;
}

Result<void> check_archive(const std::string& archive) {
  DF_ASSIGN(const std::string completed, complete_archive_name(archive));
  DF_ASSIGN(const ArchiveKind kind, archive_kind(archive));
  if (completed == archive && is_safe_id(archive) && kind == ArchiveKind::fixed_index) return {};
  return fail(ErrorKind::bad_input, "'{}' is no name for a disk image; use one like drive-scsi0.img.fidx",
              archive);
}

Result<void> read_pieces(const ImageReader& image, ChunkPipeline& pipeline, const IngestProgress& progress,
                         const std::stop_token& stop, Sha256& hash) {
  std::size_t position = 0;
  for (std::uint64_t offset = 0; offset < image.size_bytes(); ++position) {
    if (stop.stop_requested())
      return fail(ErrorKind::cancelled, "ingest was cancelled; the snapshot was not written");
    DF_TRY(pipeline.outcome());
    Piece piece{position, pipeline.take_buffer()};
    piece.payload.resize(std::min(kDefaultChunkSize, image.size_bytes() - offset));
    DF_TRY(image.read(offset, piece.payload));
    hash.update(piece.payload);
    offset += piece.payload.size();
    pipeline.submit(std::move(piece));
    if (progress) progress(offset, image.size_bytes());
  }
  return {};
}

struct IngestedImage {
  IngestResult result;
  ManifestFile listed;
};

// Chunks and index of one image; the snapshot lists it later.
Result<IngestedImage> ingest_into(UnfinishedSnapshot& snapshot, const StoreWriter& store,
                                  const IngestOptions& options, const IngestImage& source,
                                  const IngestProgress& progress, const std::stop_token& stop) {
  DF_ASSIGN(const ImageReader image, ImageReader::open(source.image));
  IngestResult result;
  result.image_bytes = image.size_bytes();
  result.chunks = (image.size_bytes() + kDefaultChunkSize - 1) / kDefaultChunkSize;
  FixedIndex index;
  DF_ASSIGN(index.uuid, random_uuid());
  index.ctime_s = options.snapshot.time_s;
  index.image_bytes = image.size_bytes();
  Sha256 hash;
  {
    ChunkPipeline pipeline(store, options, result.chunks);
    DF_TRY(read_pieces(image, pipeline, progress, stop, hash));
    DF_ASSIGN(index.digests, pipeline.finish(result));
  }
  result.image_sha256 = hash.finish();
  DF_TRY(snapshot.write_file(source.archive, write_fixed_index(index)));
  const CryptMode mode = options.key != nullptr ? CryptMode::encrypt : CryptMode::none;
  return IngestedImage{result, {source.archive, index.image_bytes, index.checksum(), mode}};
}

Result<std::vector<IngestImage>> check_images(const IngestOptions& options) {
  std::vector<IngestImage> images{{options.image, options.archive}};
  images.insert(images.end(), options.more.begin(), options.more.end());
  std::unordered_set<std::string> archives;
  for (const IngestImage& image : images) {
    DF_TRY(check_archive(image.archive));
    if (!archives.insert(image.archive).second)
      return fail(ErrorKind::bad_input, "archive '{}' is named twice; give each image its own --archive",
                  image.archive);
    DF_TRY(ImageReader::open(image.image));  // all of them are there before anything is written
  }
  return images;
}

Result<std::vector<IngestResult>> ingest(const IngestOptions& options, const IngestProgress& progress,
                                         const std::stop_token& stop) {
  DF_ASSIGN(const std::vector<IngestImage> images, check_images(options));
  DF_ASSIGN(const StoreWriter store, StoreWriter::open(options.datastore));
  DF_ASSIGN(UnfinishedSnapshot snapshot, store.begin_snapshot(options.ns, options.snapshot));
  std::vector<IngestResult> results;
  std::vector<ManifestFile> listed;
  for (const IngestImage& image : images) {
    DF_ASSIGN(const IngestedImage ingested, ingest_into(snapshot, store, options, image, progress, stop));
    results.push_back(ingested.result);
    listed.push_back(ingested.listed);
  }
  DF_ASSIGN(const Bytes manifest, write_manifest(options.snapshot, listed, options.key));
  DF_TRY(snapshot.finish(manifest));
  return results;
}

}  // namespace

Result<std::vector<IngestResult>> ingest_images(const IngestOptions& options, const IngestProgress& progress,
                                                std::stop_token stop) {
  try {
    return ingest(options, progress, stop);
  } catch (const std::exception& error) {  // memory or threads have run out
    return fail(ErrorKind::io, "cannot ingest {}: {}", options.image.string(), error.what());
  }
}

Result<IngestResult> ingest_image(const IngestOptions& options, const IngestProgress& progress,
                                  std::stop_token stop) {
  DF_CHECK(options.more.empty());
  DF_ASSIGN(const std::vector<IngestResult> results, ingest_images(options, progress, std::move(stop)));
  return results.front();
}

}  // namespace depthfinder::mock
