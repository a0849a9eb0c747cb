"""Reading and writing marked documents in the formats of other tools, a module each; `registry` names them all."""
