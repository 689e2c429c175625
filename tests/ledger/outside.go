// An outside look at our ledger, by code that is not ours: checkpoints are opened by the Go project's
// signed-note package, tiles, roots, inclusion and consistency are checked by its tlog package, both of
// golang.org/x/mod/sumdb, the reference of these formats. Cosignatures are made and checked by the thirty
// lines below, after https://c2sp.org/tlog-cosignature.
//
//	outside witness NAME LOG-VKEY   a witness on a free port; prints its key and its address
//	outside fetch URL FILE          what a server answers
//	outside acts URL CREDENTIALS N  makes N acts; dossiers with proofs of one in ten on standard output
//	outside check DIR DOSSIERS LOG-VKEY WITNESS-VKEY...
//
// `tests/ledger/outside` runs it.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	words := os.Args[1:]
	var err error
	switch {
	case len(words) == 3 && words[0] == "witness":
		err = witness(words[1], words[2])
	case len(words) == 3 && words[0] == "fetch":
		err = fetch(words[1], words[2])
	case len(words) == 4 && words[0] == "acts":
		err = acts(words[1], words[2], words[3])
	case len(words) >= 4 && words[0] == "check":
		err = check(words[1], words[2], words[3], words[4:])
	default:
		err = errors.New("unknown words")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "outside:", err)
		os.Exit(1)
	}
}

// cosigner makes and checks cosignature/v1 lines.
type cosigner struct {
	name   string
	hash   uint32
	public ed25519.PublicKey
	secret ed25519.PrivateKey
}

func cosignerOf(name string, public ed25519.PublicKey, secret ed25519.PrivateKey) *cosigner {
	digest := sha256.Sum256(append([]byte(name+"\n\x04"), public...))
	return &cosigner{name, binary.BigEndian.Uint32(digest[:4]), public, secret}
}

func cosignerFrom(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("a malformed key of a witness")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return nil, errors.New("no key of cosignature/v1")
	}
	c := cosignerOf(parts[0], key[1:], nil)
	if fmt.Sprintf("%08x", c.hash) != parts[1] {
		return nil, errors.New("the key id is not that of the key")
	}
	return c, nil
}

func (c *cosigner) vkey() string {
	key := append([]byte{4}, c.public...)
	return fmt.Sprintf("%s+%08x+%s", c.name, c.hash, base64.StdEncoding.EncodeToString(key))
}

func message(text []byte, at uint64) []byte {
	return append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", at)), text...)
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(text, line []byte) bool {
	if len(line) != 8+ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(c.public, message(text, binary.BigEndian.Uint64(line[:8])), line[8:])
}

func (c *cosigner) Sign(text []byte) ([]byte, error) {
	at := uint64(time.Now().Unix())
	line := binary.BigEndian.AppendUint64(nil, at)
	return append(line, ed25519.Sign(c.secret, message(text, at))...), nil
}

// tree reads the three lines of a checkpoint.
func tree(text, origin string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// witness answers add-checkpoint (https://c2sp.org/tlog-witness) with a memory of its own.
func witness(name, log string) error {
	public, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	own := cosignerOf(name, public, secret)
	verifier, err := note.NewVerifier(log)
	if err != nil {
		return err
	}
	var turn sync.Mutex
	var held tlog.Tree
	answer := func(w http.ResponseWriter, r *http.Request) {
		turn.Lock()
		defer turn.Unlock()
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		if err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		head, signed, found := bytes.Cut(body, []byte("\n\n"))
		lines := strings.Split(string(head), "\n")
		old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
		if !found || err != nil {
			http.Error(w, "malformed", http.StatusBadRequest)
			return
		}
		var proof tlog.TreeProof
		for _, line := range lines[1:] {
			hash, err := tlog.ParseHash(line)
			if err != nil {
				http.Error(w, "malformed", http.StatusBadRequest)
				return
			}
			proof = append(proof, hash)
		}
		opened, err := note.Open(signed, note.VerifierList(verifier))
		if err != nil {
			http.Error(w, "not signed by the log", http.StatusForbidden)
			return
		}
		now, err := tree(opened.Text, verifier.Name())
		if err != nil || old > now.N {
			http.Error(w, "malformed", http.StatusBadRequest)
			return
		}
		if old != held.N {
			w.Header().Set("Content-Type", "text/x.tlog.size")
			w.WriteHeader(http.StatusConflict)
			fmt.Fprintf(w, "%d\n", held.N)
			return
		}
		if old == now.N && old > 0 && now.Hash != held.Hash {
			w.WriteHeader(http.StatusConflict)
			fmt.Fprintf(w, "%d\n", held.N)
			return
		}
		if old > 0 && old < now.N {
			if err := tlog.CheckTree(proof, now.N, now.Hash, held.N, held.Hash); err != nil {
				http.Error(w, "the proof does not hold", http.StatusUnprocessableEntity)
				return
			}
		}
		cosigned, err := note.Sign(&note.Note{Text: opened.Text}, own)
		if err != nil {
			http.Error(w, "not cosigned", http.StatusInternalServerError)
			return
		}
		held = now
		_, line, _ := bytes.Cut(cosigned, []byte("\n\n"))
		w.Write(line)
	}
	http.HandleFunc("/add-checkpoint", answer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("%s http://%s\n", own.vkey(), listener.Addr())
	return http.Serve(listener, nil)
}

func fetch(url, file string) error {
	answer, err := http.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 {
		return fmt.Errorf("%s: %v %v", url, answer.Status, err)
	}
	return os.WriteFile(file, body, 0o644)
}

func acts(url, credentials, count string) error {
	text, err := os.ReadFile(credentials)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	type issued struct {
		Actor string `json:"actor"`
		Key   string `json:"api_key"`
	}
	key := func(text []byte) (read issued, err error) {
		return read, json.Unmarshal(text, &read)
	}
	operator, err := key(text)
	if err != nil {
		return err
	}
	post := func(path, key, body string) ([]byte, error) {
		for try := 0; ; try++ {
			request, err := http.NewRequest("POST", url+path, strings.NewReader(body))
			if err != nil {
				return nil, err
			}
			request.Header.Set("Authorization", "Bearer "+key)
			request.Header.Set("Content-Type", "application/json")
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				return nil, err
			}
			read, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if answer.StatusCode < 300 {
				return read, err
			}
			// Witnesses may be on their way.
			if answer.StatusCode != 503 || try == 20 {
				return nil, fmt.Errorf("%s: %s %s", path, answer.Status, read)
			}
			time.Sleep(500 * time.Millisecond)
		}
	}
	var officers []issued
	for n := 0; n < number; n++ {
		made, err := post("/v1/officers", operator.Key, "{}")
		if err != nil {
			return err
		}
		officer, err := key(made)
		if err != nil {
			return err
		}
		officers = append(officers, officer)
	}
	for n := 0; n < number; n += 10 {
		ask := fmt.Sprintf(`{"reason":"outside","about":%q}`, officers[n].Actor)
		dossier, err := post("/v1/dossiers", officers[0].Key, ask)
		if err != nil {
			return err
		}
		fmt.Printf("%s\n", dossier)
	}
	return nil
}

// tiles reads tiles of a copy of a ledger; x/mod names them tile/8/L/N.
type tiles struct {
	dir  string
	read int
}

func (t *tiles) Height() int { return 8 }

func (t *tiles) path(tile tlog.Tile) string {
	return filepath.Join(t.dir, "tile", strings.TrimPrefix(tile.Path(), "tile/8/"))
}

func (t *tiles) ReadTiles(all []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range all {
		bytes, err := os.ReadFile(t.path(tile))
		if err != nil {
			return nil, err
		}
		t.read++
		read = append(read, bytes)
	}
	return read, nil
}

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// bundle reads the entries 256 n and following.
func bundle(dir string, n int64, width int) ([][]byte, error) {
	tile := tlog.Tile{H: 8, L: 0, N: n, W: width}
	name := strings.TrimPrefix(tile.Path(), "tile/8/0/")
	rest, err := os.ReadFile(filepath.Join(dir, "tile", "entries", name))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(rest) >= 2 {
		length := int(binary.BigEndian.Uint16(rest))
		if len(rest) < 2+length {
			return nil, errors.New("a cut entry")
		}
		entries = append(entries, rest[2:2+length])
		rest = rest[2+length:]
	}
	if len(rest) != 0 || len(entries) != width {
		return nil, errors.New("not the entries that the name promises")
	}
	return entries, nil
}

func check(dir, dossier, log string, keys []string) error {
	verifier, err := note.NewVerifier(log)
	if err != nil {
		return err
	}
	known := []note.Verifier{verifier}
	for _, key := range keys {
		cosigner, err := cosignerFrom(key)
		if err != nil {
			return err
		}
		known = append(known, cosigner)
	}
	// Opens a checkpoint: the log's line and enough of its witnesses' have to be there.
	open := func(signed []byte) (tlog.Tree, int, error) {
		opened, err := note.Open(signed, note.VerifierList(known...))
		if err != nil {
			return tlog.Tree{}, 0, err
		}
		if opened.Sigs[0].Name != verifier.Name() || len(opened.UnverifiedSigs) != 0 {
			return tlog.Tree{}, 0, errors.New("a line of nobody that is known")
		}
		now, err := tree(opened.Text, verifier.Name())
		return now, len(opened.Sigs) - 1, err
	}
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	now, _, err := open(signed)
	if err != nil {
		return err
	}
	signed, err = os.ReadFile(filepath.Join(dir, "witnessed"))
	if err != nil {
		return err
	}
	witnessed, lines, err := open(signed)
	if err != nil {
		return err
	}
	if lines < 2 {
		return fmt.Errorf("%d cosignatures", lines)
	}
	reader := &tiles{dir: dir}
	hashes := tlog.TileHashReader(now, reader)
	root, err := tlog.TreeHash(now.N, hashes)
	if err != nil || root != now.Hash {
		return fmt.Errorf("the root: %v", err)
	}
	// Every entry is that of its leaf, with a proof made and checked by this package.
	for n := int64(0); n*256 < now.N; n++ {
		width := 256
		if left := now.N - n*256; left < 256 {
			width = int(left)
		}
		entries, err := bundle(dir, n, width)
		if err != nil {
			return err
		}
		for at, entry := range entries {
			index := n*256 + int64(at)
			proof, err := tlog.ProveRecord(now.N, index, hashes)
			if err != nil {
				return err
			}
			if err := tlog.CheckRecord(proof, now.N, now.Hash, index, tlog.RecordHash(entry)); err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
		}
	}
	// The ledger continues itself at every size, and what the witnesses have seen.
	for old := int64(1); old <= now.N; old++ {
		before, err := tlog.TreeHash(old, hashes)
		if err != nil {
			return err
		}
		if old == witnessed.N && before != witnessed.Hash {
			return errors.New("the witnesses have seen another history")
		}
		proof, err := tlog.ProveTree(now.N, old, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, now.N, now.Hash, old, before); err != nil {
			return err
		}
	}
	proven, err := checkProofs(dossier, open)
	if err != nil {
		return err
	}
	fmt.Printf("%d entries, %d tiles read, %d cosignatures, %d proofs: accepted\n", now.N, reader.read, lines, proven)
	return nil
}

// checkProofs checks every proof that the certifier handed out in a dossier.
func checkProofs(file string, open func([]byte) (tlog.Tree, int, error)) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	type proven struct{ Entry, Proof string }
	var acts []proven
	for _, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var read struct {
			Dossier struct{ Acts []proven }
		}
		if err := json.Unmarshal(line, &read); err != nil {
			return 0, err
		}
		acts = append(acts, read.Dossier.Acts...)
	}
	for _, act := range acts {
		head, signed, found := strings.Cut(act.Proof, "\n\n")
		lines := strings.Split(head, "\n")
		if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
			return 0, errors.New("not a proof")
		}
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		if err != nil {
			return 0, err
		}
		var proof tlog.RecordProof
		for _, line := range lines[2:] {
			hash, err := tlog.ParseHash(line)
			if err != nil {
				return 0, err
			}
			proof = append(proof, hash)
		}
		under, cosigned, err := open([]byte(signed))
		if err != nil {
			return 0, err
		}
		if cosigned < 2 {
			return 0, fmt.Errorf("%d cosignatures under a proof", cosigned)
		}
		leaf := tlog.RecordHash([]byte(act.Entry))
		if err := tlog.CheckRecord(proof, under.N, under.Hash, index, leaf); err != nil {
			return 0, fmt.Errorf("the proof of entry %d: %w", index, err)
		}
	}
	if len(acts) == 0 {
		return 0, errors.New("no proof in the dossier")
	}
	return len(acts), nil
}
