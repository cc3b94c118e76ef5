"""Anomalies in a table: rows that a VAE finds unlikely, and intervals for the values of the likely ones."""

import numpy as np

from aevum import VAE, open_data

wine = open_data("wine")
vae = VAE(latent_dim=3, epochs=100, random_state=0).fit(wine.x[1:])

odd = wine.x[:1].copy()
odd[0, 3] *= 4  # four times the alcalinity of ash
log_p = vae.score_samples(wine.x[1:], k=200)
print(f"log p(x) of the wines: {np.percentile(log_p, [1, 50, 99]).round(1)} nats (1 %, median, 99 %)")
print(f"of an altered one: {vae.score_samples(odd, k=200)[0]:.1f} nats")

low, high = vae.predict_interval(wine.x[:5])
inside = (low <= wine.x[:5]) & (wine.x[:5] <= high)
print(f"{inside.mean():.0%} of the first five wines' values lie where 99.73 % of new measurements would")
