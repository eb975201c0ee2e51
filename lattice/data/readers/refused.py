"""Files that are recognised and not read, each with the way out."""

from __future__ import annotations

from pathlib import Path

from lattice.data.readers.pickle_kind import pickle_lines
from lattice.formats import NPY_ENDING, compression_of, ending_of

PICKLE_ENDINGS = (".pkl", ".pickle", ".joblib", ".p")
_PICKLE = (
    "{path} is a pickle: opening one can run any code, so it is not opened. Convert it with two lines of Python, where "
    "you trust it: `%s` and %s"
)
_WAYS_OUT = {
    "index": "write its vectors with `import faiss, numpy; index = faiss.read_index({name!r}); "
    "numpy.save({rows!r}, index.reconstruct_n(0, index.ntotal))`",
    "avro": "write it with `polars.read_avro({name!r}).write_parquet({table!r})`",
    "database": "export the table to .csv or .parquet",
    "weights": "name a model with --teacher",
    "markup": "extract its texts, one a line, into a .txt file",
    "document": "save its text, one text a line, as .txt",
    "tokens": "join the tokens of each sentence to one line of a .txt file",
    "page": "write its table with `pandas.read_html({name!r})[0].to_parquet({table!r})`, or its texts, one a line, "
    "into a .txt file",
    "padded": "write it with `pandas.read_fwf({name!r}).to_csv({csv!r}, index=False)`",
    "sparse": "write them with `numpy.save({rows!r}, "
    "sklearn.datasets.load_svmlight_file({name!r})[0].toarray().astype('float32'))`",
}
"""What to do with kinds that are told by a file's ending, by its first bytes and by its lines."""
_NO_SHAPE = (
    "{path} holds numbers without saying of what shape; write them with `numpy.save({rows!r}, "
    "numpy.fromfile({name!r}, 'float32').reshape(-1, WIDTH))`"
)
_OTHERS = {
    (".faiss", ".index"): "{path} is a search index; {index}",
    (".ann", ".annoy"): "{path} is a search index of Annoy; write its vectors with `import annoy, numpy; index = "
    "annoy.AnnoyIndex(WIDTH, 'angular'); index.load({name!r}); "
    "numpy.save({rows!r}, [index.get_item_vector(row) for row in range(index.get_n_items())])`",
    (".usearch",): "{path} is a search index of USearch; write its vectors with `import numpy; from usearch.index "
    "import Index; index = Index.restore({name!r}); numpy.save({rows!r}, index.get(index.keys))`",
    (".hnsw",): "{path} is a search index of hnswlib; write its vectors with `import hnswlib, numpy; index = "
    "hnswlib.Index('cosine', WIDTH); index.load_index({name!r}); numpy.save({rows!r}, "
    "index.get_items(index.get_ids_list()))`",
    (".zip", ".tar", ".tgz", ".7z", ".rar"): "{path} is an archive of files; unpack it and give the folder",
    (".xlsx", ".xls", ".ods"): "{path} is a spreadsheet; save its sheet as .csv",
    (".db", ".sqlite", ".sqlite3", ".duckdb"): "{path} is a database; {database}",
    (".rds", ".rdata"): "{path} is R's own format; write it with `arrow::write_parquet(data, {table!r})`",
    (
        ".mat",
    ): "{path} is Matlab's own format; write it with `numpy.save({rows!r}, scipy.io.loadmat({name!r})['name'])`",
    (".ivecs", ".ibin"): "{path} holds neighbours' numbers, no vectors; give the .fvecs or .fbin file",
    (".onnx", ".gguf"): "{path} holds a model's weights, no data; {weights}",
    (".orc",): "{path} is an ORC file; write it with `pyarrow.parquet.write_table(pyarrow.orc.read_table({name!r}), "
    "{table!r})`",
    (".bytes",): _NO_SHAPE,
    (".tfrecord",): "{path} is a file of TensorFlow records; write their vectors with `numpy.save({rows!r}, rows)`",
}


_CHROMA = (
    "{path} is a database of Chroma, whose vectors lie in no table; write them with `import chromadb, json; "
    "found = chromadb.PersistentClient('.').get_collection('NAME').get(include=['embeddings', 'documents']); "
    "json.dump({{'ids': found['ids'], 'documents': found['documents'], "
    "'embeddings': found['embeddings'].tolist()}}, open('rows.json', 'w'))` in its folder"
)
_MARKED_UP = "{path} is marked up; {markup}"
_DOCUMENT = "{path} is a document; {document}"
_RENAME = "{path} may be a table: name it .tsv if tabs separate its columns, else .csv"
_HINTS = {
    (".md", ".markdown", ".rst", ".tex", ".srt", ".vtt", ".log"): _DOCUMENT,
    (".docx", ".doc", ".odt", ".rtf", ".epub", ".pptx"): _DOCUMENT,
    (".html", ".htm"): "{path} is a web page; {page}",
    (".prn", ".fwf"): "{path} may be a table whose columns are padded with blanks; {padded}",
    (".js",): "{path} is a script. Where it only names its data, as the archive of Twitter does, take out what stands "
    "before the first [ and name it .json",
    (".xml", ".tmx", ".xhtml", ".svg"): _MARKED_UP,
    (".yaml", ".yml", ".toml", ".ini"): "{path} is a file of settings; write its records as .jsonl, one object a line",
    (".ipynb",): "{path} is a notebook; save the table from within it, such as with `frame.to_parquet({table!r})`",
    (".sql", ".dump"): "{path} is a dump of a database; export the table to .csv, with "
    "`\\copy name TO 'name.csv' CSV HEADER` for PostgreSQL",
    (".bson",): "{path} is MongoDB's own format; write it with `bsondump --outFile=rows.jsonl {name!r}`",
    (".avro",): "{path} is an Avro file; {avro}",
    (".conll", ".conllu", ".iob", ".iob2"): "{path} holds one token a line; {tokens}",
    (".svm", ".libsvm", ".svmlight"): "{path} holds sparse vectors; {sparse}",
    (".arff",): "{path} is Weka's format; take out the lines that begin with @ and name it .csv",
    (".kv", ".model", ".wordvectors"): "{path} is gensim's own format, a pickle; write it, where you trust it, with "
    "`gensim.models.KeyedVectors.load({name!r}).save_word2vec_format({vectors!r}, binary=True)`",
    (".h5ad",): "{path} holds annotated data of cells; write one of its tables with `numpy.save({rows!r}, "
    "anndata.read_h5ad({name!r}).obsm['X_pca'])`",
    (".dta",): "{path} is Stata's own format; write it with `pandas.read_stata({name!r}).to_parquet({table!r})`",
    (".sav",): "{path} is SPSS's own format; write it with `pandas.read_spss({name!r}).to_parquet({table!r})`",
    (".sas7bdat",): "{path} is SAS's own format; write it with `pandas.read_sas({name!r}).to_parquet({table!r})`",
    (".lz4", ".snappy", ".sz", ".br", ".lzma", ".lzo"): "{path} is compressed in a way that is not read; unpack it, or "
    "compress it as .zst or .gz",
    (".label",): "{path} holds a label before each text; write both as columns of a .tsv file",
}
"""Kinds that are told about only where such a file is given by itself: in a folder they lie beside the data."""
_GUESSES = {
    (".tab", ".psv", ".copy", ".data"): _RENAME,
    (".dat", ".raw", ".f32", ".mmap", ".memmap", ".bin"): _NO_SHAPE,
}
"""What files of endings that stand for anything may be, where their first bytes tell nothing."""


def refusal(path: Path) -> str:
    """Return why a file of a known kind is not read, and what to do; empty for every other kind."""
    if ending_of(path) in PICKLE_ENDINGS:
        return pickle_text(path)
    if path.name == "chroma.sqlite3":
        return said(_CHROMA, path)
    if ".tfrecord" in path.name.lower():
        return said(_OTHERS[(".tfrecord",)], path)
    return next((said(text, path) for endings, text in _OTHERS.items() if ending_of(path) in endings), "")


def hint(path: Path) -> str:
    """Return what to do with a file that is no data by its ending; empty where nothing is known of it."""
    return next((said(text, path) for endings, text in _HINTS.items() if ending_of(path) in endings), "")


def guess(path: Path, *, text: bool = False) -> str:
    """Return what a file may be whose first bytes tell nothing, and what to do; empty where its ending does neither.

    Args:
        path: the file.
        text: whether it begins as text: then it holds no numbers in binary.
    """
    found = next((told for endings, told in _GUESSES.items() if ending_of(path) in endings), "")
    return "" if text and found == _NO_SHAPE else said(found, path)


def pickle_text(path: Path) -> str:
    """Return why a pickle is not opened, and how to convert it."""
    load, convert = pickle_lines(path)
    return said(_PICKLE % (_braced(load), convert), path)


def _braced(text: str) -> str:
    """Return a text in which `said` finds no places to fill."""
    return text.replace("{", "{{").replace("}", "}}")


def no_shape_text(path: Path) -> str:
    """Return what to do with numbers of which nothing says in what shape they are."""
    return said(_NO_SHAPE, path)


def said(text: str, path: Path) -> str:
    """Return a message or a way out with its places filled: the names of files, and what is done with a kind."""
    stem = Path(path.stem).stem if compression_of(path) else path.stem
    names = {
        "path": path,
        "name": path.name,
        "stem": stem,
        "csv": f"{stem}.csv",
        "out": f"{stem}.npz",
        "table": f"{stem}.parquet",
        "rows": f"{stem}.npy" if ending_of(path) != NPY_ENDING else f"{stem}-rows.npy",  # the file itself stays
        "vectors": f"{stem}.bin",
    }
    return text.format(**names, **{kind: way_out.format(**names) for kind, way_out in _WAYS_OUT.items()})
