print("0 quotes")
