"""Finding topics.

``lexemes`` says what the words of a text are, ``indexing`` keeps them in step with what is written, ``rebuilding``
makes an index anew in the background, ``counting`` keeps statistics. ``query`` reads what a person typed, ``terms``
looks its words up (and guesses what a misspelt one means), ``ranking`` puts topics in order, ``excerpts`` shows why.

The measure is BM25F: a word's weight in a topic is five for the title, one for the opening text and one for each
reply, every part by its length; weights saturate, and rare words count more than common ones.
Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009, section 3.6.
"""
