"""A map of the digits: two latents, no labels, and a report that opens in a browser."""

from aevum import VAE, open_data, write_run

digits = open_data("digits")
vae = VAE(latent_dim=2, random_state=0).fit(digits)
print(vae.likelihood_, "-", vae.likelihood_.reason)
print(vae.latent_summary_)
folder = write_run(vae, digits, "digits-map", digits.y, name="digits", overwrite=True)
print(f"open {folder}/report.html")
